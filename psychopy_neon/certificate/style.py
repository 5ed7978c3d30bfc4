"""Looks of the page: a paper's supplement, on screen and on A4, in colour and in grey."""

from __future__ import annotations

STYLE = """
@page { size: A4; margin: 13mm 14mm; }
* { box-sizing: border-box; }
body { font: 13px/1.4 "Segoe UI", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif;
  color: #1b1b1b; background: #fff; max-width: 860px; margin: 0 auto; padding: 20px 24px; }
h1 { font-size: 20px; margin: 0; }
h2 { font-size: 14px; margin: 16px 0 5px; }
p { margin: 4px 0; }
.origin { color: #555; margin: 0 0 10px; overflow-wrap: anywhere; }
.verdict { border: 2px solid; border-left-width: 10px; padding: 8px 12px; font-size: 15px;
  display: flex; gap: 12px; align-items: baseline; }
.verdict strong { font-size: 17px; letter-spacing: .04em; }
.pass { border-color: #1b5e20; } .pass strong { color: #1b5e20; }
.fail { border-color: #a11616; } .fail strong { color: #a11616; }
ul { margin: 8px 0 0; padding-left: 18px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 3px 8px 3px 0; border-bottom: 1px solid #d5d5d5;
  vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 600; border-bottom-color: #777; }
tbody th { font-weight: 400; border-bottom-color: #d5d5d5; overflow-wrap: anywhere; }
td { overflow-wrap: anywhere; }
.result { font-weight: 600; white-space: nowrap; }
.result.no { color: #a11616; } .result.yes { color: #1b5e20; } .result.open { color: #555; }
.plots { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 18px; margin-top: 6px; }
.key { color: #444; font-size: 12px; }
.code { white-space: nowrap; font: 11px Consolas, "DejaVu Sans Mono", monospace; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 9.5px; fill: #333; }
svg .title { font-size: 11px; font-weight: 600; fill: #1b1b1b; }
svg .note { fill: #1b1b1b; paint-order: stroke; stroke: #fff; stroke-width: 2.5px;
  stroke-linejoin: round; }
svg path, svg rect { vector-effect: non-scaling-stroke; }
.axis { stroke: #555; fill: none; } .grid { stroke: #e4e4e4; fill: none; }
.line { stroke: #1f5a94; stroke-width: 1.4; fill: none; stroke-linejoin: round; }
.band { fill: #b9d2ea; } .bar { fill: #4f86b8; } .gap { fill: #ececec; }
.limit { stroke: #1b1b1b; stroke-dasharray: 5 3; fill: none; }
.instant { stroke: #1b1b1b; stroke-dasharray: 1.5 2.5; fill: none; }
.dot { fill: #1f5a94; fill-opacity: .75; }
.cross { stroke: #b3261e; stroke-width: 1.6; fill: none; }
.triangle { fill: #fff; stroke: #b3261e; stroke-width: 1.3; }
@media print {
  body { font-size: 9.2pt; max-width: none; padding: 0; }
  h1 { font-size: 15pt; } h2 { font-size: 11pt; margin: 9pt 0 3pt; }
  .verdict { font-size: 11pt; padding: 5pt 9pt; } .verdict strong { font-size: 12.5pt; }
  .key { font-size: 8.4pt; } .code { font-size: 7.5pt; }
  th, td { padding: 1.6pt 6pt 1.6pt 0; }
  section, tr, svg, .verdict { break-inside: avoid; }
  h2 { break-after: avoid; } .course { break-before: page; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
