/*
 * How a report looks. Colours are those of Okabe and Ito, which people with any kind of colour
 * vision tell apart; everything that a colour says, a place, a shape or a word says too.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f4f6f8; --text: #1a1e23; --quiet: #55606c; --line: #c9d0d7;
  --link: #00568a; --focus: #0072b2; --good: #00664a; --bad: #a83a00; --mark: #fff3c4;
  --hardirq: #d55e00; --softirq: #e69f00; --kernel: #0072b2; --user: #009e73; --idle: #c9d0d7;
  --runnable: #b3a500; --sleeping: #8a949e; --waiting: #cc79a7; --holding: #56b4e9;
  --on-kernel: #ffffff; --on-bright: #000000;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --raised: #1e242a; --text: #e8ecf0; --quiet: #a7b2bd; --line: #3c4650;
    --link: #7cc4ee; --focus: #7cc4ee; --good: #4fd1a5; --bad: #ff9a5c; --mark: #4a4015;
    --idle: #3c4650; --runnable: #f0e442; --kernel: #3d9bd6; --sleeping: #7b8792;
    --on-kernel: #000000;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 96rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line);
  font-size: 1.35rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem; }
p { max-width: 75ch; margin: .5rem 0; }
a { color: var(--link); }
code, pre, .mono, textarea { font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { margin: .5rem 0; padding: .75rem; overflow: auto; background: var(--raised);
  border: 1px solid var(--line); border-radius: 4px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .25rem .75rem; background: var(--ground);
  z-index: 9; }
.kind { margin: 1.5rem 0 0; color: var(--quiet); font-size: .9rem; }
.verdict { display: inline-block; padding: .3rem .8rem; border: 2px solid; border-radius: 4px;
  font-weight: 600; }
.passed { color: var(--good); } .failed { color: var(--bad); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0; }
.facts dt { color: var(--quiet); font-size: .85rem; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0;
  list-style: none; }
.scroll { max-width: 100%; overflow: auto; margin: .75rem 0; }
.tall { max-height: 26rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--ground); font-weight: 600;
  white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
.number { text-align: right; padding-left: .75rem; white-space: nowrap; }
.quiet { color: var(--quiet); }
.finding { margin: 1rem 0; padding: .1rem 1rem .6rem; border: 1px solid var(--line);
  border-left: 5px solid var(--bad); border-radius: 4px; }
.finding.expected { border-left-color: var(--good); }
.command { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
.command pre { flex: 1 1 20rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
button, input[type=search] { font: inherit; color: inherit; background: var(--raised);
  border: 1px solid var(--quiet); border-radius: 4px; padding: .25rem .6rem; min-height: 2.1rem; }
button { cursor: pointer; }
button[aria-pressed=true] { border-color: var(--focus); box-shadow: inset 0 -3px var(--focus); }
button[aria-pressed=false] { opacity: .85; text-decoration: line-through; }
.toolbar { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .5rem 0; }
.toolbar .gap { width: .75rem; }
.toolbar label { display: flex; gap: .4rem; align-items: center; }
#lanes { position: relative; overflow-y: auto; overflow-x: hidden; max-height: min(36rem, 75vh);
  border: 1px solid var(--line); border-radius: 4px; background: var(--ground); }
#lanes canvas { position: sticky; top: 0; left: 0; display: block; touch-action: pan-y; }
#lanes canvas:focus-visible { outline-offset: -3px; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0; padding: 0;
  list-style: none; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .35rem; }
.legend canvas { width: 22px; height: 14px; }
#details { min-height: 12rem; border: 1px solid var(--line); border-radius: 4px;
  padding: .25rem 1rem 1rem;  margin-top: .5rem; }
#details table tr[aria-current=true] { background: var(--mark); }
#details dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem;
  margin: .5rem 0; }
#details dt { color: var(--quiet); } #details dd { margin: 0; overflow-wrap: anywhere; }
#details button { min-height: 0; padding: 0 .4rem; font-size: .85rem; }
kbd { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; border: 1px solid var(--quiet);
  border-radius: 3px; padding: 0 .3em; background: var(--raised); }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: .5rem 0; max-width: 100%; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
.pair td, .pair tbody th { border-bottom-color: transparent; padding-top: .15rem; }
.pair .moved { background: var(--mark); }
.pair .switch { font-weight: 700; }
.pair .wrong { color: var(--bad); font-weight: 600; }
.pair .between { white-space: nowrap; }
.pair th .quiet { font-weight: 400; }
.pair .edge { border-left: 2px solid var(--line); padding-left: .75rem; }
@media (max-width: 40rem) {
  header, main { padding: 0 .75rem; }
  h1 { font-size: 1.5rem; }
  #details dl { grid-template-columns: 1fr; } #details dd { margin-bottom: .35rem; }
}
@media print { .toolbar, #lanes, nav, .skip { display: none; } .tall { max-height: none; } }
`;
