"""What of SimPy's own tests is not run against our environment, and what fails there, each with its reason."""

NOT_RUN = {
    "tests/test_rt.py": "tests SimPy's RealtimeEnvironment, a subclass of its own environment, and by the wall clock to"
    " 20 ms; live runs of ours are paced through a clock port instead",
    "docs/topical_guides/real-time-simulations.rst": "the same: it prints wall time to 10 ms",
}

# test id -> reason
FAILS: dict[str, str] = {
    "tests/test_exceptions.py::test_exception_chaining": "compares a whole traceback, frames of simpy/core.py included;"
    " the failure and its chain of causes are the same, the loop they pass through is ours",
}

# example program -> reason for an output that differs from the one beside it
EXAMPLES_DIFFER: dict[str, str] = {}
