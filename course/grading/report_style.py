"""How the report on a class looks: its style sheet, and the hatching of what was stopped."""

from course.grading.statistics import STATES

# The ground and letters, then a fill and its letters for each state; blues for points, from Okabe and Ito's colours.
NAMES = "ground ink soft line card " + " ".join(f"{state} on-{state}" for state in STATES)
LIGHT = "fff 1c2128 5b6470 d9dee5 f4f6f9 0072b2 fff 8fcdf2 0b2a3d c24e00 fff e69f00 221800 dfe3e8 333a42"
DARK = "14171c e6e9ee 9aa4b1 333a44 1c2128 4aa8e6 06141f 24618f fff e8743b 1d0b02 e6a823 221800 3a424d e6e9ee"

CSS = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:1.5rem 1.25rem 3rem;background:var(--ground);color:var(--ink);
 font:.94rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:0}h2{font-size:1.15rem;margin:2.4rem 0 .3rem}
p{margin:.3rem 0 .8rem;max-width:50rem}.note,th,.soft{color:var(--soft)}.note{font-size:.87rem}
code{font-size:.92em;font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
ul{padding:0;list-style:none}
svg{display:block;overflow:visible;width:100%}svg text{fill:var(--ink);font-size:12px}svg .axis{fill:var(--soft)}
.mid{text-anchor:middle}.end{text-anchor:end}.defs{position:absolute;width:0;height:0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.7rem;margin:1.2rem 0 0}
.cards li{background:var(--card);border-radius:8px;padding:.7rem .9rem;font-size:.87rem;color:var(--soft);line-height:1.4}
.cards b{display:block;font-size:1.5rem;line-height:1.25;color:var(--ink);font-weight:650}
.cards small{font-size:.6em;font-weight:400;color:var(--soft)}
.look{margin:.4rem 0 0;max-width:60rem}
.look li{padding:.3rem 0 .3rem .8rem;margin:.25rem 0;border-left:3px solid var(--line)}.look .bad{border-color:var(--failed)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.2rem 0 .6rem;font-size:.87rem}
.legend li{display:flex;align-items:center;gap:.4rem}.legend svg{width:14px;height:14px;flex:none}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.32rem .6rem .32rem 0;font-weight:400;vertical-align:middle}
thead th{font-size:.82rem;vertical-align:bottom;line-height:1.25}tbody tr{border-top:1px solid var(--line)}tbody th{color:inherit}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.number small{color:var(--soft)}
.low{color:var(--failed);font-weight:650}.reason{color:var(--failed)}.nowrap{white-space:nowrap}
.items{table-layout:fixed}.items .wide{width:24%}.items .bar{width:29%}.items .dot{width:9.5%}
.items :is(th,td){padding-right:.4rem}.items thead th{white-space:normal}
.list td:first-child,.list th:first-child{width:5rem}.time{width:auto}.time :is(th,td){padding-right:1.5rem;white-space:nowrap}
.students{table-layout:fixed}.students .who{width:21%}.students .number{width:5.5rem}
.students thead{position:sticky;top:0;z-index:1;background:var(--ground)}.students td.strip{padding-block:.15rem}
.passed{fill:var(--passed)}.partly{fill:var(--partly)}.failed{fill:var(--failed)}.stopped{fill:url(#hatch)}
.unwritten{fill:var(--unwritten)}text.on{font-size:11px}
text.on.passed{fill:var(--on-passed)}text.on.partly{fill:var(--on-partly)}text.on.failed{fill:var(--on-failed)}
text.on.stopped{fill:var(--on-stopped);font-weight:700}text.on.unwritten{fill:var(--on-unwritten)}
.track{fill:var(--card);stroke:var(--line)}.grid{stroke:var(--line)}
.band{fill:var(--card)}.median{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:4 3}
.mark{fill:var(--ink)}.mark.low{fill:var(--failed)}
.hatch-a{fill:var(--stopped)}.hatch-b{stroke:var(--on-stopped);stroke-width:1.2;stroke-opacity:.55}
@media screen and (max-width:859px){
 body{padding:1rem 1rem 2rem}.names{display:none}.students thead svg{margin-top:-84px;clip-path:inset(84px 0 0 0)}
 .items thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
 .items tfoot :is(tr,.bar){display:block;width:auto}.items tfoot td{display:none}
 .items tbody tr{display:grid;grid-template-columns:repeat(5,1fr);padding:.5rem 0}.items tbody :is(th,td){padding:0}
 .items tbody :is(.wide,.bar){grid-column:1/-1;width:auto}
 .items .dot{display:none}.items td.number{text-align:left;padding-top:.25rem}
 .items td.number::before{content:attr(data-label);display:block;font-size:.7rem;font-weight:400;color:var(--soft)}
 .students tr{display:grid;grid-template-columns:1fr auto auto;column-gap:1rem;padding:.3rem 0}
 .students :is(th,td){padding:0;width:auto!important}
 .students .strip{grid-column:1/-1;grid-row:2;padding:.1rem 0}.students .reason{grid-column:1/-1}
}
@media print{
 html{font-size:11px}body{max-width:none;padding:0}tr,li,svg{break-inside:avoid}h2{break-after:avoid}
 .students thead{position:static}.cards li{border:1px solid var(--line)}@page{margin:14mm}
}
"""


HATCH = (
    '<svg class="defs" aria-hidden="true"><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hatch-a" width="5" height="5"/><path class="hatch-b" d="M0 0V5"/></pattern></svg>'
)


def _colours(colours: str) -> str:
    return ":root{" + ";".join(f"--{a}:#{b}" for a, b in zip(NAMES.split(), colours.split(), strict=True)) + "}"


def css() -> str:
    """The whole style sheet, light and dark."""
    return _colours(LIGHT) + f"@media screen and (prefers-color-scheme:dark){{{_colours(DARK)}}}" + CSS
