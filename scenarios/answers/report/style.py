"""The report's style sheet: one column to read, light and dark, ready for paper. No font or file from elsewhere."""

CSS = """
:root { --paper: #fdfdfb; --card: #ffffff; --ink: #1d2329; --soft: #5c6670; --rule: #e3e5e1; --bad: #c2410c;
  --none: #8a8f98; --fragmented: #c98a12; --synced: #0f766e; --tint: #f1f5f3; --window: #f9d8c6; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181c; --card: #1b2126; --ink: #e6e8ea; --soft: #9aa5ae;
  --rule: #2c343b; --bad: #fb923c; --none: #9ba3ad; --fragmented: #e0a83c; --synced: #2dd4bf; --tint: #1f272c;
  --window: #4a2c1d; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, Helvetica, Arial,
  sans-serif; }
body { max-width: 1160px; margin: 0 auto; padding: 44px 28px 80px; }
h1 { font-size: 15px; font-weight: 600; color: var(--soft); margin: 0 0 6px; letter-spacing: .02em; }
.headline { font-size: 27px; line-height: 1.3; font-weight: 600; margin: 0 0 10px; text-wrap: balance; }
.headline b { color: var(--synced); font-weight: 700; }
.sub { color: var(--soft); margin: 0 0 26px; max-width: 75ch; }
h2 { font-size: 20px; margin: 52px 0 8px; padding-top: 16px; border-top: 2px solid var(--ink); }
h3 { font-size: 15px; margin: 0 0 6px; }
p { max-width: 78ch; } .faint, .note { color: var(--soft); } .note { font-size: 14px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(205px, 1fr)); gap: 14px; margin: 20px 0; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px 16px; }
.card .big { font-size: 25px; font-weight: 650; line-height: 1.2; } .card .what { color: var(--soft); font-size: 13px; }
.card .how { font-size: 13px; color: var(--soft); margin-top: 4px; }
.good { color: var(--synced); } .bad { color: var(--bad); fill: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 14px; }
.scroll { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--ink); }
th, td { padding: 6px 14px 6px 0; vertical-align: top; } tbody tr { border-bottom: 1px solid var(--rule); }
.compared { font-size: 12.5px; } .compared th, .compared td { padding-right: 10px; }
.compared th:last-child, .compared td:last-child { padding-right: 0; } .compared small { font-size: 11px; }
.decisions td:nth-child(-n+2), .decisions td:nth-child(5) { white-space: nowrap; }
.num { text-align: right; white-space: nowrap; } td small { color: var(--soft); display: block; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
details { margin: 10px 0; } summary { cursor: pointer; color: var(--soft); }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--ink); }
svg .tick { font-size: 11px; fill: var(--soft); } svg .label { font-size: 13px; } svg .value { font-weight: 600; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .whisker { stroke-width: 2; } svg .dot { opacity: .35; } svg .level { fill: none; stroke-width: 1.8; }
svg circle.none, .key .none { fill: var(--none); background: var(--none); }
svg circle.fragmented, .key .fragmented { fill: var(--fragmented); background: var(--fragmented); }
svg circle.synced, .key .synced { fill: var(--synced); background: var(--synced); }
svg line.none, svg polyline.none { stroke: var(--none); } svg polyline.none { stroke-dasharray: 5 3; }
svg line.fragmented, svg polyline.fragmented { stroke: var(--fragmented); }
svg line.synced, svg polyline.synced { stroke: var(--synced); stroke-width: 2.4; }
svg .window { fill: var(--window); opacity: .75; } svg .warmup { fill: var(--tint); }
svg text.bad { fill: var(--bad); font-size: 11.5px; font-weight: 600; }
.legend { margin: 4px 0 10px; font-size: 13px; } .key { margin-right: 18px; }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 6px; margin-right: 6px;
  vertical-align: -1px; }
.network .lane { fill: none; stroke: var(--synced); opacity: .38; stroke-linecap: round; }
.network .lane.unused { stroke: var(--soft); opacity: .28; stroke-dasharray: 3 4; }
.network .lane.hit { stroke: var(--bad); opacity: .6; }
.network .place rect, .network .place path, .network .place circle { fill: var(--ink); stroke: var(--paper);
  stroke-width: 2; }
.network .supplier circle, .network .customer circle { fill: var(--soft); }
.network .place .nowhere { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
.network .leader { stroke: var(--soft); stroke-width: 1; opacity: .7; }
.network .said .tick, .network .said .bad { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.network .place .halo { fill: none; stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 4 3; }
.network .name { font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.network .tiny { font-size: 9px; } .network .column { fill: var(--soft); font-size: 12px; letter-spacing: .06em; }
ol.time { list-style: none; padding: 0; margin: 14px 0; } ol.time li { display: grid; gap: 14px; padding: 5px 0;
  grid-template-columns: 118px 1fr; border-bottom: 1px solid var(--rule); } ol.time time { color: var(--soft);
  font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: minmax(150px, 230px) 1fr; gap: 4px 20px; font-size: 14px; }
dt { font-weight: 600; } dd { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
@media (max-width: 560px) { body { padding: 24px 16px; } .charts { grid-template-columns: 1fr; }
  .headline { font-size: 22px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 8px; } }
@media print { :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --bad: #b03a06;
  --tint: #f2f2f2; --window: #f6d5c3; --none: #7a7f87; --fragmented: #b57a0c; --synced: #0b5f58; }
  body { max-width: none; padding: 0; font-size: 11pt; } .card, svg, tr { break-inside: avoid; }
  h2 { break-after: avoid; } details > * { display: block; } }
"""
