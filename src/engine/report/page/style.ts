/** The page's style sheet: one column of sections, system fonts, light and dark by the reader's setting, ready for paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2327; --quiet: #5a646b; --line: #d9dcd8; --grid: #e7e9e6;
  --marks: #0b6bb3; --random: #b4560b; --alone: #5d666d;
  --good: #1c6b3c; --good-back: #e6f2ea; --warn: #8a4b00; --warn-back: #fbf0df; --bad: #a3201d; --bad-back: #fbe8e6;
  --zone: #19b8a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --card: #1b2024; --ink: #e4e7e8; --quiet: #9fa9af; --line: #353c41; --grid: #2a3035;
    --marks: #62b4f5; --random: #f0a35e; --alone: #a9b2b8;
    --good: #84d3a2; --good-back: #16301f; --warn: #f0bd74; --warn-back: #33270f; --bad: #ff9d96; --bad-back: #3a1a19;
    --zone: #35d6c3;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 28px 64px; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 620; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; font-weight: 620; margin: 0 0 10px; }
h3 { font-size: 15px; font-weight: 620; margin: 20px 0 6px; }
p { margin: 0 0 10px; max-width: 78ch; }
a { color: var(--marks); }
code { font: 12px/1.5 ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
section { margin-top: 36px; }
nav { margin-top: 18px; font-size: 14px; }
nav a { margin-right: 18px; }
.eyebrow { margin: 0 0 2px; font-size: 13px; letter-spacing: .04em; color: var(--quiet); }
.quiet, .fine, .lead { color: var(--quiet); }
.fine, .notes { font-size: 13px; color: var(--quiet); }
.private { display: inline-block; margin: 8px 0 0; padding: 2px 10px; border: 1px solid var(--line); border-radius: 4px; font-size: 13px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.name { overflow-wrap: anywhere; }

.outcome { display: grid; grid-template-columns: repeat(6, 1fr); margin: 22px 0 0; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
.outcome > div { padding: 12px 14px; border-left: 1px solid var(--line); }
.outcome > div:first-child { border-left: 0; }
.outcome dt { font-size: 13px; color: var(--quiet); }
.outcome dd { margin: 0; font-size: 24px; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.outcome dd.remark { font-size: 12.5px; font-weight: 400; line-height: 1.35; color: var(--quiet); }
.outcome .alarm dd, .alarm { color: var(--bad); }

.findings { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; align-items: start; }
.findings > div { border: 1px solid var(--line); border-top: 3px solid var(--warn); border-radius: 6px; background: var(--card); padding: 12px 16px 14px; }
.findings > .holds { border-top-color: var(--good); }
.findings h3 { margin: 0 0 6px; font-size: 16px; }
.findings ul { margin: 0; padding: 0; list-style: none; }
.findings > div > ul > li { padding: 7px 0; border-top: 1px solid var(--grid); }
.findings > div > ul > li:first-child { border-top: 0; padding-top: 0; }

.yardstick { margin-top: 10px; }
.findings ul ul { margin-top: 3px; font-size: 14px; font-variant-numeric: tabular-nums; }
.handling { color: var(--quiet); margin-right: 4px; }
.handling::after { content: ':'; }

.verdict, .status { display: inline-block; padding: 0 7px; border-radius: 4px; font-size: 12.5px; line-height: 1.55; background: var(--grid); }
.verdict.holds { background: var(--good-back); color: var(--good); }
.verdict.not-above-control, .status.no-room { background: var(--warn-back); color: var(--warn); }
.verdict.at-noise-floor, .status.failed { background: var(--bad-back); color: var(--bad); }

table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; background: var(--card); }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.wide table, .left { width: 100%; }
.left, .removal { border: 1px solid var(--line); }
caption { text-align: left; font-size: 13px; color: var(--quiet); padding: 0 0 6px; background: var(--paper); }
th, td { padding: 5px 9px; text-align: right; vertical-align: middle; border-top: 1px solid var(--grid); font-weight: 400; }
td { white-space: nowrap; }
td.text, td.reading { text-align: left; white-space: normal; }
th[scope=row], th[scope=rowgroup], th:first-child { text-align: left; }
thead th { border-top: 0; color: var(--quiet); font-size: 12.5px; line-height: 1.3; vertical-align: bottom; }
thead th.text { text-align: left; }
.quality tr th[scope=colgroup] { text-align: center; }
.quality tr th.first:first-child { text-align: right; }
.quality .first { border-left: 1px solid var(--grid); }
.left th, .graders th { text-align: left; }
.graders td:nth-child(3), .graders td:nth-child(4), .graders th:nth-child(3), .graders th:nth-child(4) { text-align: right; }
thead th:last-child { padding-right: 12px; }
.effect thead th:last-child { text-align: left; }
thead abbr { text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; }
tr.group th { padding-top: 12px; font-weight: 620; background: var(--card); border-top: 1px solid var(--line); }
tr.group span { font-weight: 400; color: var(--quiet); margin-left: 6px; }
.effect tbody th[scope=row] { padding-left: 18px; min-width: 136px; }
.effect .reading { white-space: nowrap; }
.effect .reading span { padding: 0 6px; }
.effect th, .effect td { padding-left: 7px; padding-right: 7px; }
.strong { font-weight: 650; }
td.plot, th.plot { padding: 0 6px; width: 174px; }

.strip { display: block; width: 174px; }
.strip .grid { stroke: var(--grid); stroke-width: 1; }
.axis text { fill: var(--quiet); font-size: 10.5px; }
.range { stroke-width: 2; }
.range.marks, .point.marks { stroke: var(--marks); }
.point.marks { fill: var(--marks); }
.range.random, .point.random { stroke: var(--random); }
.point.random { fill: var(--card); stroke-width: 2; }
.range.alone, .point.alone { stroke: var(--alone); }
.point.alone { stroke-width: 2.5; }
.range.alone { stroke-width: 1.5; }
.legend { max-width: none; margin: 0 0 8px; font-size: 13px; color: var(--quiet); }
.key { margin-right: 16px; white-space: nowrap; }
.key svg { width: 26px; height: 12px; margin-right: 6px; vertical-align: -1px; }
.notes { padding-left: 18px; margin: 8px 0; }

.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 14px; margin-top: 10px; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; background: var(--card); break-inside: avoid; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; background: #000; }
.pair img { display: block; width: 100%; height: auto; }
.after { position: relative; }
.after svg { position: absolute; inset: 0; width: 100%; height: 100%; display: none; }
.after path { fill: none; stroke: var(--zone); stroke-width: 1; }
#outline:checked ~ .sheet .after svg { display: block; }
#outline { accent-color: var(--marks); margin: 0 6px 0 0; vertical-align: -1px; }
figcaption { padding: 8px 12px 10px; font-size: 13px; line-height: 1.4; }
figcaption > .name { display: block; font-weight: 600; }
.facts { color: var(--quiet); }
.answers { margin: 4px 0 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }

.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 32px; align-items: start; }
.columns ul { margin: 0; padding-left: 18px; }
.columns li { margin-bottom: 8px; }
.removal { margin: 6px 0 10px; }
.removal th { text-align: left; }
.removal thead th:not(:first-child), .removal td { text-align: right; }
dl { margin: 0; }
#settings dl > div { display: grid; grid-template-columns: 150px 1fr; gap: 8px; padding: 4px 0; border-top: 1px solid var(--grid); font-size: 13.5px; }
#settings dt { color: var(--quiet); }
#settings dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; color: var(--quiet); }
:focus-visible { outline: 2px solid var(--marks); outline-offset: 2px; }

@media (max-width: 900px) {
  main { padding: 20px 16px 48px; }
  .outcome { grid-template-columns: repeat(3, 1fr); }
  .outcome > div:nth-child(4) { border-left: 0; }
  .outcome > div:nth-child(n + 4) { border-top: 1px solid var(--line); }
  .findings, .columns { grid-template-columns: 1fr; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #bbb; --grid: #ddd;
    --marks: #0b5a99; --random: #9a4605; --alone: #555;
    --good: #14532d; --good-back: #fff; --warn: #7a4100; --warn-back: #fff; --bad: #8a1512; --bad-back: #fff;
  }
  @page { margin: 14mm 12mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav, #outline, label { display: none; }
  .wide { overflow: visible; }
  table, .effect td, .effect th { font-size: 8pt; }
  th, td { padding: 3px 5px; }
  .strip, td.plot, th.plot { width: 130px; }
  .verdict { border: 1px solid currentColor; }
  h2, h3, .lead, tr.group { break-after: avoid; }
  .lead { break-inside: avoid; }
  tr, li, .findings > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .sheet { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  figcaption { padding: 4px 8px 6px; font-size: 7.5pt; }
  section { margin-top: 22px; }
}
`;
