//! The one style sheet: for a screen of any width, and for paper.

/// Everything stays within its page: what has no blank breaks anywhere, and on
/// a narrow screen a wide table's cells stand one below the other, each with its
/// heading. What is shaded is drawn, so that it is on paper too.
pub(super) const STYLE: &str = "\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; background: #fff; max-width: 60em; margin: 1.5em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.6em; line-height: 1.2; margin: 0 0 .4em; }
h2 { font-size: 1.2em; margin: 1.6em 0 .4em; border-bottom: 1px solid #999; break-after: avoid; }
h3 { font-size: 1em; margin: 0 0 .3em; break-after: avoid; }
p { margin: .3em 0; }
ul { list-style: none; padding: 0; margin: .3em 0; }
li { break-inside: avoid; margin: 0 0 .8em; }
li > p { margin: .2em 0 0 1.9em; }
li > label { display: block; padding-left: 1.9em; text-indent: -1.9em; }
li > label > input { width: 1.2em; height: 1.2em; margin: 0 .4em 0 0; vertical-align: -.2em; }
code { font: .85em/1.3 ui-monospace, monospace; overflow-wrap: anywhere; }
small { color: #555; }
time { white-space: nowrap; }
table { width: 100%; border-collapse: collapse; margin: .5em 0; }
th, td { text-align: left; vertical-align: top; padding: .25em .5em; border-bottom: 1px solid #ddd; }
thead th { border-bottom: 1px solid #666; }
tr { break-inside: avoid; }
caption { text-align: left; font-weight: bold; padding: .3em .5em; }
.facts { background: #f4f4f4; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.facts th, .card th { width: 11em; font-weight: normal; color: #444; }
.card { border: 1px solid #999; border-radius: .3em; padding: .6em .8em; margin: .8em 0; }
.card table { margin: 0; }
.card tr:last-child > * { border-bottom: 0; }
.fleet { table-layout: fixed; overflow-wrap: break-word; font-size: .9em; }
.number { width: 3.2em; }
.when { width: 12em; }
.length { width: 9em; }
.wrong { font-weight: bold; }
.signs { display: flex; flex-wrap: wrap; gap: 0 2em; break-inside: avoid; }
.sign { flex: 1 1 20em; width: auto; }
.sign th { width: 7em; font-weight: normal; padding-top: 1.6em; border-bottom: 0; }
.sign td { border-bottom: 1px solid #111; }
.lane { display: block; width: 100%; height: 44px; background: #fafafa; }
.axis { display: block; width: 100%; height: 20px; }
.lane text, .axis text { font: 11px system-ui, sans-serif; fill: #111; }
.install { fill: #17375e; }
.soak { fill: #eebf4d; }
.work { fill: #7d7d7d; }
.window { fill: #d5e5f5; }
.mark { stroke: #bbb; stroke-width: 1px; }
.swatch { width: 1.6em; height: .9em; vertical-align: -.1em; }
.legend > span { display: inline-block; margin-right: 1em; }
@media screen and (max-width: 46em) {
  body { margin: .8em auto; padding: 0 .7em; }
  .stack thead { display: none; }
  .stack, .stack tbody, .stack tr, .stack td { display: block; width: auto; }
  .stack tr { border-bottom: 1px solid #666; padding: .4em 0; }
  .stack td { border: 0; padding: .1em 0; }
  .stack td::before { content: attr(data-head) \": \"; color: #555; }
  .facts th, .card th { width: 8em; }
}
@media print {
  @page { margin: 14mm; }
  body { font-size: 9.5pt; max-width: none; margin: 0; padding: 0; }
  h2 { margin-top: 1.2em; }
}
";
