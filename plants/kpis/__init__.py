"""What a run is measured by.

    registry    every KPI, in the order in which people read them   > asks the themes and other people's packages
    service, cost, orders, flow, stock, decisions, information      > one function a KPI: `@kpi` of kpi.py
    measured    what a KPI reads: the world at the horizon          > sampler takes what has to be seen on the way
    warmup      how much of a run is warm-up (MSER-5)

A new KPI is one function in the file of its theme. Sums before ratios, never averages of ratios (ISO 22400-2). Orders
count when they were placed after the warm-up; flows (lane cost, throughput) when they happened after it. Day n is the
interval (n-1, n] x 86,400,000 ms from the start.
"""
