"""How a feedback page looks: one style sheet for light and dark, screens of any width and paper, and five small signs."""

from markupsafe import Markup

# Okabe and Ito's colours, darker or lighter where words in them must be read; no state is told by colour alone.
CSS = """
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --card: #ffffff; --ink: #1e2327; --muted: #5d656d; --line: #e2e3df; --soft: #f2f3f0; --link: #00609c;
  --passed: #00785a; --partly: #8f5c00; --failed: #b34a00; --unwritten: #5d656d; --stopped: #96487a;
  --passed-fill: #009e73; --partly-fill: #e69f00; --failed-fill: #d55e00; --stopped-fill: #cc79a7; --track: #e6e7e3;
  --keyword: #7a3e9d; --string: #1a6b3c; --comment: #5f666d; --literal: #9a4a00; --named: #00609c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131618; --card: #1b1f22; --ink: #e4e7e9; --muted: #9aa4ac; --line: #2e3438; --soft: #23282c; --link: #7cc0f0;
    --passed: #45c9a0; --partly: #f0b840; --failed: #ff9557; --unwritten: #9aa4ac; --stopped: #e29cc6;
    --passed-fill: #1fae85; --partly-fill: #e0a020; --failed-fill: #e8702a; --stopped-fill: #cc79a7; --track: #30373b;
    --keyword: #cf9fee; --string: #8fd19e; --comment: #8d979f; --literal: #f2ae72; --named: #7cc0f0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 50rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; padding-bottom: 1.5rem; }
header p, header h1 { margin: 0; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; padding: .25rem 0 .35rem; }
h2 { font-size: 1.2rem; line-height: 1.35; margin: 0; }
.above { color: var(--muted); font-size: .8rem; font-weight: 600; letter-spacing: .07em; text-transform: uppercase; }
footer { color: var(--muted); font-size: .85rem; padding-top: 1rem; padding-bottom: 3rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: .85rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.hint, .list li, .note, .stop { text-wrap: pretty; }
.muted { color: var(--muted); font-weight: 400; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.points { font-variant-numeric: tabular-nums; white-space: nowrap; }
.icon {
  flex: none; width: 1.05em; height: 1.05em; fill: none; stroke: currentColor; stroke-width: 2; vertical-align: -.15em;
}
.passed > .icon, .passed .pill, .passed > a > .icon, .passed > .head > .icon { color: var(--passed); }
.partly > .icon, .partly .pill, .partly > a > .icon, .partly > .head > .icon { color: var(--partly); }
.failed > .icon, .failed .pill, .failed > a > .icon, .failed > .head > .icon { color: var(--failed); }
.unwritten > .icon, .unwritten .pill, .unwritten > a > .icon, .unwritten > .head > .icon { color: var(--unwritten); }
.stopped > .icon, .stopped .pill, .stopped > a > .icon { color: var(--stopped); }

.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; margin: 0 0 1.25rem;
  overflow: hidden;
}
.card > :last-child { margin-bottom: 0; }
.list ul, .list ol { margin: .6rem 0 0; padding-left: 1.25rem; }
.list li { margin: .3rem 0; }

.total { margin: 0; color: var(--muted); font-size: 1.1rem; }
.total strong {
  color: var(--ink); font-size: 3rem; line-height: 1; letter-spacing: -.03em; font-variant-numeric: tabular-nums;
}
.counts {
  display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; list-style: none; margin: .9rem 0 0; padding: 0 0 1.25rem;
  border-bottom: 1px solid var(--line); font-size: .9rem;
}
.counts li { display: flex; align-items: center; gap: .4rem; }
.bars { list-style: none; margin: 0 -.6rem; padding: .75rem 0 0; }
.bars a {
  display: grid; grid-template-columns: auto minmax(0, 1fr) minmax(0, 13rem) 3.6rem; gap: .2rem .7rem; align-items: center;
  padding: .32rem .6rem; border-radius: 6px; color: inherit; text-decoration: none;
}
.bars a:hover { background: var(--soft); }
.bars a:hover .name { text-decoration: underline; }
.bars .points { text-align: right; }
.bar { display: block; width: 100%; height: .6rem; }
.track { fill: var(--track); }
.passed .fill { fill: var(--passed-fill); }
.partly .fill { fill: var(--partly-fill); }
.failed .fill { fill: var(--failed-fill); }
.unwritten .fill { fill: var(--unwritten); }
.stopped .fill { fill: var(--stopped-fill); }
.onward { margin: 1rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-weight: 600; }

.exercise { scroll-margin-top: 1rem; }
.exercise:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.exercise > .head { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.exercise > .head .points { font-size: 1.2rem; font-weight: 600; }
.state {
  display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; margin: .25rem 0 1rem; color: var(--muted);
  font-size: .9rem;
}
.pill { display: inline-flex; align-items: center; gap: .4rem; font-weight: 600; }
.note, .stop { margin: 0 0 1rem; padding: .6rem .9rem; border-radius: 8px; background: var(--soft); font-size: .95rem; }
.stop { border-left: 3px solid var(--stopped-fill); }
.quarantine .stop { margin-top: 1rem; }
.tests, .checks { list-style: none; margin: 0; padding: 0; }
.test { padding: .8rem 0; border-top: 1px solid var(--line); }
.test > .head { display: flex; align-items: baseline; gap: .6rem; margin: 0; }
.test > .head .icon { align-self: flex-start; margin-top: .28rem; }
.test .what { flex: 1; min-width: 0; }
.test > .head .points { color: var(--muted); font-size: .9rem; }
.test > .stop { margin: .6rem 0 0 1.65rem; }
.checks { margin: .6rem 0 0 1.65rem; }
.checks > li { margin: 0 0 .6rem; padding: .1rem 0 .1rem .9rem; border-left: 3px solid var(--failed-fill); }
.unwritten .checks > li { border-color: var(--line); }
.hint { margin: 0; font-weight: 600; white-space: pre-line; }
.hint .label {
  display: inline-block; margin-left: .6rem; padding: 0 .5rem; border: 1px solid var(--line); border-radius: 99px;
  color: var(--muted);
  font-size: .75rem; font-weight: 500; white-space: nowrap;
}
.detail { margin: .25rem 0 0; color: var(--muted); white-space: pre-wrap; max-height: 24rem; overflow: auto; }
.held { margin-left: .75rem; color: var(--muted); font-size: .875rem; }
.times { white-space: nowrap; }
.cut { margin: .3rem 0 .6rem; font-style: italic; color: var(--muted); font-size: .875rem; }
.test > .cut { margin-left: 1.65rem; }
.caption { margin: 0 0 .35rem; color: var(--muted); font-size: .9rem; }

details { border-top: 1px solid var(--line); margin: 0; padding: .7rem 0; }
details:last-child { padding-bottom: 0; }
summary { cursor: pointer; font-weight: 600; font-size: .95rem; padding: .1rem 0; }
summary::marker { color: var(--muted); }
details[open] > summary { margin-bottom: .6rem; }
.out, .code {
  margin: 0 0 1rem; padding: .8rem 1rem; border-radius: 8px; background: var(--soft); overflow: auto;
  max-height: 36rem; tab-size: 4;
  overflow-wrap: normal;
}
.stderr { border-left: 3px solid var(--line); }
.error { border-left: 3px solid var(--failed-fill); }
.out:last-child, .code:last-child, .own img:last-child { margin-bottom: 0; }
.cell { margin: 0 0 1.25rem; overflow: hidden; }
.cell:last-child { margin-bottom: 0; }
.own img {
  display: block; max-width: 100%; height: auto; margin: 0 0 1rem; padding: .4rem; border-radius: 8px;
  background: #ffffff;
}
.rich { background: none; border: 1px solid var(--line); }
.rich table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
.rich th, .rich td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
.rich p { margin: .4rem 0; }

.code { counter-reset: line; }
.line::before {
  counter-increment: line; content: counter(line); display: inline-block; width: 1.75rem; margin-right: .9rem;
  text-align: right;
  color: var(--muted); opacity: .7; user-select: none;
}
.code .k, .code .kn, .code .kd, .code .kr, .code .ow { color: var(--keyword); }
.code .kc, .code .m, .code .mi, .code .mf, .code .mh, .code .mb, .code .mo { color: var(--literal); }
.code .s, .code .s1, .code .s2, .code .sa, .code .sb, .code .sd, .code .si, .code .se { color: var(--string); }
.code .c, .code .c1, .code .ch, .code .cm, .code .cs { color: var(--comment); font-style: italic; }
.code .nf, .code .nc, .code .fm, .code .nd, .code .nb, .code .bp, .code .ne { color: var(--named); }
.ansi-bold { font-weight: 700; }
.ansi-underline { text-decoration: underline; }
.ansi-red-fg, .ansi-red-intense-fg { color: var(--failed); }
.ansi-green-fg, .ansi-green-intense-fg { color: var(--string); }
.ansi-yellow-fg, .ansi-yellow-intense-fg { color: var(--partly); }
.ansi-blue-fg, .ansi-blue-intense-fg, .ansi-cyan-fg, .ansi-cyan-intense-fg { color: var(--named); }
.ansi-magenta-fg, .ansi-magenta-intense-fg { color: var(--keyword); }

@media (max-width: 40rem) {
  header, main, footer { padding-left: .9rem; padding-right: .9rem; }
  header { padding-top: 1.75rem; }
  h1 { font-size: 1.65rem; }
  .card { padding: 1.1rem 1rem; border-radius: 10px; }
  .bars a { grid-template-columns: auto minmax(0, 1fr) auto; padding-top: .45rem; padding-bottom: .45rem; }
  .bars .bar { grid-row: 2; grid-column: 2 / -1; height: .45rem; }
  .held { display: block; margin-left: 0; }
  .line::before { width: 1.25rem; margin-right: .7rem; }
  .checks, .test > .stop, .test > .cut { margin-left: 0; }
  .out, .code { padding: .7rem .8rem; }
}
@media print {
  :root {
    --page: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #bbb; --soft: #f4f4f4; --link: #000; --track: #ddd;
    --passed: #00785a; --partly: #8f5c00; --failed: #b34a00; --unwritten: #444; --stopped: #96487a;
    --keyword: #7a3e9d; --string: #1a6b3c; --comment: #555; --literal: #9a4a00; --named: #00609c;
  }
  body { font-size: 10.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  .card { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 1rem 0 0; overflow: visible; }
  .bars { margin: 0; }
  .fill, .track { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .out, .code, .detail { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
  .test, .bars li, .own img { break-inside: avoid; }
  h2, summary, .state { break-after: avoid; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
}
"""
SIGNS = {
    "passed": '<circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-7"/>',
    "partly": '<circle cx="12" cy="12" r="10"/><path d="M12 2a10 10 0 0 1 0 20z" fill="currentColor"/>',
    "failed": '<circle cx="12" cy="12" r="10"/><path d="m8.5 8.5 7 7m0-7-7 7"/>',
    "unwritten": '<circle cx="12" cy="12" r="10" stroke-dasharray="4 3.85"/>',
    "stopped": '<circle cx="12" cy="12" r="10"/><path d="M9 9h6v6H9z" fill="currentColor"/>',
}


def icon(state: str) -> Markup:
    """The sign of a state; words say the same beside it."""
    return Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{SIGNS[state]}</svg>')
