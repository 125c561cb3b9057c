"""The class at a glance: a page that needs nothing beside it, and a table for spreadsheets."""

import base64
import csv
import hashlib
import html
import io
import math
import re
import statistics
from pathlib import Path

from course import syllabus
from course.errors import CourseError
from course.grading.result import Result
from course.grading.statistics import STATES, Item, Summary, by_name, histogram, summarize

TOP, FEW = 20, 5
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
CELL_START = re.compile(r'(;[\s"]*)(?=[=+\-@＝＋－＠])')
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COLUMNS = ("student", "status", "score", "maximum", "gradebook score")
SAYS = dict(
    zip(STATES, ("full points", "some points", "no points", "stopped (time, memory, a dead kernel)", "unwritten"), strict=True)
)

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


def report(phase: str, results: dict[str, Result], scores: dict[str, float] | None, folder: Path) -> tuple[Path, Path]:
    """Write `folder/<phase>.html` and `folder/<phase>.csv`; return both paths.

    `results` by student; `scores`: the gradebook's own final scores by student, shown beside where one differs.
    Raises CourseError where there is nothing to report on, or results of several phases come together.
    """
    if not results:
        raise CourseError(f"Nothing of {phase!r} is graded yet: run `course grade {phase}` first.")
    if others := sorted({result.phase for result in results.values()} - {phase}):
        raise CourseError(f"Results of {', '.join(others)} came with those of {phase}: report one phase at a time.")
    summary = summarize(results)
    folder.mkdir(parents=True, exist_ok=True)
    pages = folder / f"{phase}.html", folder / f"{phase}.csv"
    for path, text in zip(pages, (page(phase, summary, scores or {}), "\ufeff" + table(results, scores or {})), strict=True):
        # A name that a file system gave may hold what UTF-8 cannot say.
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    return pages


def table(results: dict[str, Result], scores: dict[str, float]) -> str:
    """CSV, one row for each student; a text that a spreadsheet would compute gets a leading apostrophe.

    On disk it is UTF-8 with a byte order mark: without one Excel reads UTF-8 as the system's old encoding, and pandas skips it.
    """
    order = sorted(results, key=by_name)
    names = list(dict.fromkeys(one.name for student in order for one in results[student].exercises))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in (*COLUMNS, *names, "seconds", "reason")])
    for student in order:
        result, final = results[student], scores.get(student)
        status, own = ("quarantined", {}) if result.quarantined else ("graded", {one.name: one.score for one in result.exercises})
        points = ["", ""] if result.quarantined else [_number(result.score), _number(result.points)]
        row = [_cell(student), status, *points, "" if final is None else _number(final)]
        row += [_number(own[name]) if name in own else "" for name in names]
        writer.writerow([*row, _number(round(result.seconds, 2)), _cell(result.quarantined)])
    return out.getvalue()


def page(phase: str, summary: Summary, scores: dict[str, float]) -> str:
    """The page. Widths are attributes of inline SVG, so that its policy allows one style sheet, by its hash, and nothing else."""
    title = _text(next((one.title for one in syllabus.load().phases if one.name == phase), phase))
    here = [*summary.graded, *summary.quarantined]
    finals = {student: float(scores[student]) for student in here if scores.get(student) is not None}
    automatic = {student: result.score for student, result in summary.graded.items()}
    differing = {student for student, final in finals.items() if abs(final - automatic.get(student, math.inf)) > 1e-6}
    finals = finals if differing else {}
    css = _colours(LIGHT) + f"@media screen and (prefers-color-scheme:dark){{{_colours(DARK)}}}" + CSS
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [_cards(summary, finals), _look(summary, differing)]
    if summary.graded:
        parts += [_distribution(summary), _exercises(summary), _hints(summary), _stops(summary)]
        parts += [_repairs(summary), _times(summary)]
    parts += [_students(summary, finals, differing), _elsewhere(summary, scores)]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}: the class</title>\n<style>{css}</style>\n</head>\n<body>\n{HATCH}\n<main>\n"
        f"<h1>{title}: the class</h1>\n" + "\n".join(filter(None, parts)) + "\n</main>\n</body>\n</html>\n"
    )


HATCH = (
    '<svg class="defs" aria-hidden="true"><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hatch-a" width="5" height="5"/><path class="hatch-b" d="M0 0V5"/></pattern></svg>'
)


# Small parts: every text that comes from a file goes through _text.


def _colours(colours: str) -> str:
    return ":root{" + ";".join(f"--{a}:#{b}" for a, b in zip(NAMES.split(), colours.split(), strict=True)) + "}"


def _cell(text: str) -> str:
    """Text for a spreadsheet: never a formula, nor one behind a semicolon, at which Excel splits in half of Europe."""
    text = CELL_START.sub(r"\1'", text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(text: str) -> str:
    """Text for the page, in quotes too; control characters, and those that turn writing round, are replaced."""
    return html.escape(CONTROL.sub("\ufffd", text))


def _name(student: str) -> str:
    return f"<bdi>{_text(student)}</bdi>"


def _code(*names: str) -> str:
    return ", ".join(f"<code>{_text(name)}</code>" for name in names)


def _number(value: float) -> str:
    return f"{value:.10g}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.0f}%"


def _signed(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}".replace("-", "−")


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _many(count: int, word: str = "student") -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _rect(kind: str, x: float, width: float, y: float, height: float, title: str = "") -> str:
    """A rectangle: x and width in percent, y and height in pixels."""
    return (
        f'<rect class="{kind}" x="{x:.2f}%" width="{width:.2f}%" y="{y:.1f}" height="{height:.1f}"><title>{title}</title></rect>'
    )


def _word(kind: str, x: float, y: float, text: str) -> str:
    """A text in a figure: x in percent, y in pixels."""
    return f'<text class="{kind}" x="{x:.2f}%" y="{y:.1f}">{text}</text>'


def _svg(height: int, said: str, *draw: str) -> str:
    label = f'role="img" aria-label="{said}"' if said else 'aria-hidden="true"'
    return f'<svg height="{height}" {label}>{"".join(draw)}</svg>'


def _axis(unit: str, *ticks: str) -> str:
    """A scale under a column: its ticks at equal distances, and their unit."""
    last = len(ticks) - 1
    sides = {0: "axis", last: "axis end"}
    marks = (_word(sides.get(i, "axis mid"), 100 * i / last, 12, tick) for i, tick in enumerate(ticks))
    return _svg(32, "", *marks, _word("axis mid", 50, 28, unit))


def _legend() -> str:
    lines = (f"<li>{_svg(14, '', _rect(state, 0, 100, 0, 14))}{said}</li>" for state, said in SAYS.items())
    return f'<ul class="legend">{"".join(lines)}</ul>'


# The sections, in the page's order.


def _cards(summary: Summary, finals: dict[str, float]) -> str:
    """The numbers that sum it up."""
    count, of = len(summary.graded), f" <small>of {_short(summary.maximum)}</small>"
    cards = [(f"{count} <small>of {summary.submissions}</small>", f"graded; {len(summary.quarantined)} quarantined")]
    if count:
        low, middle, high = map(_short, summary.quartiles)
        share = f"; {_share(summary.mean / summary.maximum)} of the points" if summary.maximum > 0 else ""
        cards += [(middle + of, f"median score; quartiles {low} and {high}"), (_short(summary.mean) + of, f"mean score{share}")]
        if finals:
            cards += [(_short(statistics.median(finals.values())) + of, "median score in the gradebook")]
        cards += [(_time(summary.seconds.median), f"median time; {_time(summary.seconds.total)} in all")]
        cards += [(f"{summary.repaired} <small>of {count}</small>", "files repaired before grading")]
    return '<ul class="cards">' + "".join(f"<li><b>{head}</b>{text}</li>" for head, text in cards) + "</ul>"


def _look(summary: Summary, differing: set[str]) -> str:
    """What an instructor would look at first, a sentence each: (whether something is wrong, head, text)."""
    count, items, left = len(summary.graded), summary.items, list(summary.quarantined.items())
    found = [(True, _name(student), f"could not be graded: {_text(reason)}") for student, reason in left[:FEW]]
    if len(left) > FEW:
        found += [(True, f"{len(left) - FEW} more", "could not be graded: the list of students says why.")]
    for item in items:
        if stopped := item.states["stopped"]:
            reasons = [reason for (name, reason), _ in summary.stops if name == item.name]
            most = ", mostly" if len(reasons) > 1 else ""
            found += [(True, _code(item.name), f"was stopped for {_many(stopped)}{most}: {_text(reasons[0])}")]
        if item.blurs:
            text = f"does not tell strong students from weak ones (discrimination {_signed(item.discrimination)}): is it clear?"
            found += [(True, _code(item.name), text)]
    hard = sorted((item for item in items if item.share is not None and item.share < 0.6), key=lambda item: item.share)[:2]
    for item, rank in zip(hard, ("is the hardest", "comes next"), strict=False):
        unwritten = f"; {item.states['unwritten']} left it unwritten" if item.states["unwritten"] else ""
        text = f"{rank}: {_share(item.share)} of its points on average, full points for {_share(item.passes)}{unwritten}."
        found += [(False, _code(item.name), text)]
    if summary.hints and (top := summary.hints[0]).students >= max(2, 0.15 * count):
        where = f"stumbled over the same check of {_code(*top.exercises)}: “{_text(top.text)}”"
        found += [(False, f"{top.students} of {count} students", where)]
    weak = [student for student, result in summary.graded.items() if result.score < 0.4 * result.points]
    if weak:
        names = ", ".join(map(_name, weak[:FEW])) + (f" and {len(weak) - FEW} more" if len(weak) > FEW else "")
        found += [(False, _many(len(weak)), f"scored less than 40% of the points: {names}.")]
    if differing:
        verb = "differs from the automatic one" if len(differing) == 1 else "differ from the automatic ones"
        found += [(False, _many(len(differing), "score"), f"in the gradebook {verb}: see the list of students.")]
    lines = (f"<li{' class=bad' if bad else ''}><strong>{head}</strong> {text}</li>" for bad, head, text in found)
    return f'<h2>Worth a look</h2>\n<ul class="look">{"".join(lines)}</ul>' if found else ""


def _distribution(summary: Summary) -> str:
    """The histogram of scores, its quartiles shaded and its median drawn."""
    scores = [result.score for result in summary.graded.values()]
    edges, counts = histogram(scores, summary.maximum)
    if not edges:
        return "<h2>Scores</h2>\n<p>The notebook gives no points.</p>"
    tall, base, left, wide = max(counts), 190, 6.0, 93.0

    def x(score):
        return left + wide * min(max(score / edges[-1], 0), 1)

    low, middle, high = summary.quartiles
    draw = [_rect("band", x(low), x(high) - x(low), 20, base - 20)]
    for tick in range(0, tall + 1, max(1, math.ceil(tall / 4))):
        y = base - 160 * tick / tall
        draw += [f'<line class="grid" x1="{left}%" x2="{left + wide}%" y1="{y:.1f}" y2="{y:.1f}"/>']
        draw += [_word("axis end", left - 1, y + 4, str(tick))]
    for start, end, count in zip(edges, edges[1:], counts, strict=False):
        height, said = 160 * count / tall, f"{_many(count)} from {_short(start)} to {_short(end)} points"
        draw += [_rect("passed", x(start), wide / len(counts) - 0.35, base - height, height, said)]
    draw += [_word("axis mid", x(edge), base + 17, _number(edge)) for edge in edges[:: math.ceil((len(edges) - 1) / 10)]]
    draw += [f'<line class="median" x1="{x(middle):.2f}%" x2="{x(middle):.2f}%" y1="6" y2="{base}"/>']
    draw += [_word("end" if x(middle) > 50 else "", x(middle) + (-1 if x(middle) > 50 else 1), 14, f"median {_short(middle)}")]
    draw += [
        _word("axis", 0, 14, "students"),
        _word("axis end", left + wide, base + 36, f"score (points of {_short(summary.maximum)})"),
    ]
    said = f"Histogram of {_many(len(scores), 'score')}: median {_short(middle)}, quartiles {_short(low)} and {_short(high)}"
    note = "The middle half of the class lies in the shaded band, between the quartiles."
    return f"<h2>Scores</h2>\n<p class=note>{note}</p>\n{_svg(230, said, *draw)}"


def _outcome(item: Item) -> str:
    """A bar of the states, each as wide as its share of the class, with the number of students inside."""
    draw, start = [], 0.0
    for state, count in item.states.items():
        width = 100 * count / item.graded
        draw += [_rect(state, start, max(width - 0.3, 0.2), 0, 20, f"{_many(count)}: {SAYS[state]}")] if count else []
        draw += [_word(f"on mid {state}", start + width / 2, 14, str(count))] if width >= 6 else []
        start += width
    return _svg(20, ", ".join(f"{count} {SAYS[state]}" for state, count in item.states.items() if count), *draw)


def _dot(item: Item) -> str:
    """An exercise's discrimination on a line from -1 to 1."""
    lines = '<line class="grid" x1="0" x2="100%" y1="10" y2="10"/><line class="grid" x1="50%" x2="50%" y1="2" y2="18"/>'
    if item.discrimination is None:
        return _svg(20, "", lines)
    kind = "mark low" if item.blurs else "mark"
    return _svg(20, "", lines, f'<circle class="{kind}" cx="{50 + 50 * item.discrimination:.1f}%" cy="10" r="4.5"/>')


def _figure(label: str, value: object, low: str = "") -> str:
    """A number of the table; `label` stands above it where the table has no head, on a phone."""
    return f'<td class="number{low}" data-label="{label}">{value}</td>'


def _exercises(summary: Summary) -> str:
    """For each exercise: how it came out, and how well it tells students apart."""
    if not summary.items:
        return "<h2>Exercises</h2>\n<p>The results hold no exercises.</p>"
    rows = ""
    for place, item in enumerate(summary.items, 1):
        points = f"{_short(item.points)} point{'' if item.points == 1 else 's'}"
        rows += (
            f'<tr><th scope="row" class="wide"><span class="soft">{place}</span> {_text(item.title or item.name)}<br>'
            f'<span class="soft">{_code(item.name)} · <span class="nowrap">{points}</span></span></th>'
            f'<td class="bar">{_outcome(item)}</td>'
            + _figure("full points", _share(item.passes))
            + _figure("mean pts", _share(item.share))
            + _figure("discrim.", _signed(item.discrimination), " low" * item.blurs)
            + f'<td class="dot">{_dot(item)}</td>'
            + _figure("unwritten", item.states["unwritten"])
            + _figure("stopped", item.states["stopped"])
            + "</tr>\n"
        )
    most = max(item.graded for item in summary.items)
    error = f" With {most} graded, a value is uncertain by about ±{2 / math.sqrt(most - 3):.1f}." if most >= 10 else ""
    heads = (("number", one) for one in ("Full points", "Mean points", "Discrimi&shy;nation"))
    heads = [("wide", "Exercise"), ("bar", "Outcome"), *heads, ("dot", ""), ("number", "Unwritten"), ("number", "Stopped")]
    top = "".join(f'<th scope="col" class="{kind}">{head}</th>' for kind, head in heads)
    outcome, line = _axis("share of the graded (%)", "0", "25", "50", "75", "100"), _axis("correlation", "−1", "0", "1")
    return (
        "<h2>Exercises</h2>\n<p class=note>Discrimination is how well an exercise's score goes with the score in all the "
        "others (corrected item-total correlation): near 0 the exercise says little about a student, below 0 those who do "
        f"well elsewhere fail it. It is n/a where all scores are equal, or fewer than three were graded.{error}</p>\n"
        f'{_legend()}\n<table class="items"><thead><tr>{top}</tr></thead>\n<tbody>{rows}</tbody>\n'
        f'<tfoot><tr><td></td><td class="bar">{outcome}</td>'
        f"<td></td><td></td><td></td><td>{line}</td><td></td><td></td></tr></tfoot></table>"
    )


def _counted(title: str, note: str, heads: tuple[str, str], rows: list[tuple[int, str]]) -> str:
    """A table of the most frequent: its first column counts, the second is HTML."""
    if not rows:
        return ""
    more = f" The {TOP} most frequent of {len(rows)}." if len(rows) > TOP else ""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "\n".join(f"<tr><td>{count}</td><td>{text}</td></tr>" for count, text in rows[:TOP])
    return (
        f"<h2>{title}</h2>\n<p class=note>{note}{more}</p>\n"
        f'<table class="list"><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>'
    )


def _hints(summary: Summary) -> str:
    rows = []
    for hint in summary.hints:
        hidden = " · hidden test" if hint.hidden else ""
        rows += [(hint.students, f'{_text(hint.text)}<br><span class="soft">{_code(*hint.exercises)}{hidden}</span>')]
    note = "The hint of the check that failed first, for each student and exercise that was written."
    return _counted("What they stumbled over", note, ("Students", "Hint"), rows)


def _stops(summary: Summary) -> str:
    rows = [(count, f'{_text(reason)}<br><span class="soft">{_code(name)}</span>') for (name, reason), count in summary.stops]
    return _counted("What was stopped", "The rest of these notebooks was graded all the same.", ("Students", "Reason"), rows)


def _repairs(summary: Summary) -> str:
    rows = []
    for repair in summary.repairs:
        cells = ", ".join(_code(name) + (f" ({count})" if count > 1 else "") for name, count in repair.cells)
        rows += [(repair.files, _text(repair.text) + (f"<br>{cells}" if cells else ""))]
    return _counted("What was repaired", "Put right in the files before they were graded.", ("Files", "Repair"), rows)


def _times(summary: Summary) -> str:
    rows = ""
    for name, one in (("Elapsed", summary.seconds), ("CPU", summary.cpu)):
        cells = "".join(f'<td class="number">{_time(value)}</td>' for value in (one.median, one.maximum, one.total))
        rows += f'<tr><th scope="row">{name}</th>{cells}</tr>'
    heads = "".join(f'<th scope="col" class="number">{head}</th>' for head in ("Median", "Longest", "Total"))
    return (
        f"<h2>Time</h2>\n<p class=note>For each graded submission; {_name(summary.slowest)}'s took longest.</p>\n"
        f'<table class="time"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _strip(result: Result, names: list[str]) -> str:
    """A student's exercises, a small bar each, filled from below as far as its points go."""
    own, cell, draw, said = {one.name: one for one in result.exercises}, 100 / max(1, len(names)), [], []
    for place, name in enumerate(names):
        if (one := own.get(name)) is None:
            continue
        state = one.state if one.state in STATES else "failed"
        share = min(max(one.score / one.points, 0), 1) if one.points > 0 else 1.0
        share = share if state in ("passed", "partly") else 1.0
        said += [f"{_text(name)}: {_short(one.score)} of {_short(one.points)}, {SAYS[state]}"]
        x, width = (place + 0.08) * cell, 0.84 * cell
        draw += [_rect("track", x, width, 1, 18)] if share < 1 else []
        draw += [_rect(state, x, width, 19 - 18 * share, 18 * share, said[-1])]
        mark = {"failed": "×", "stopped": "!"}.get(state)
        draw += [_word(f"on mid {state}", (place + 0.5) * cell, 14, mark)] if mark else []
    return _svg(20, "; ".join(said), *draw)


def _students(summary: Summary, finals: dict[str, float], differing: set[str]) -> str:
    """The list of students, and a strip of bars for each."""
    names, rows = [item.name for item in summary.items], ""
    for student in sorted([*summary.graded, *summary.quarantined], key=by_name):
        rows += f'<tr><th scope="row" class="who">{_name(student)}</th>'
        if reason := summary.quarantined.get(student):
            rows += f'<td class="reason" colspan="2">quarantined: {_text(reason)}</td>'
        else:
            result = summary.graded[student]
            rows += f'<td class="strip">{_strip(result, names)}</td>'
            rows += f'<td class="number">{_short(result.score)} <small>/ {_short(result.points)}</small></td>'
        if finals:
            book = _short(finals[student]) if student in finals else ""
            rows += f'<td class="number{" low" * (student in differing)}">{book}</td>'
        rows += "</tr>\n"
    head, cell = "", 100 / max(1, len(names))
    for i, name in enumerate(names):
        short = name if len(name) < 20 else name[:18] + "…"
        head += f'<svg class="names" x="{(i + 0.5) * cell:.2f}%"><text class="axis" x="4" y="84" transform="rotate(-45 0 84)">'
        head += f"{_text(short)}</text></svg>{_word('axis mid', (i + 0.5) * cell, 104, str(i + 1))}"
    book = '<th scope="col" class="number">Gradebook</th>' if finals else ""
    note = "Each small bar is an exercise, filled as far as its points go; the numbers are those of the exercises above."
    return (
        "<h2>Students</h2>\n" + (f"<p class=note>{note}</p>\n{_legend()}\n" if names else "") + '<table class="students">'
        f'<thead><tr><th scope="col" class="who">Student</th><td class="strip">{_svg(110, "", head) if names else ""}</td>'
        f'<th scope="col" class="number">Score</th>{book}</tr></thead>\n<tbody>{rows}</tbody></table>'
    )


def _elsewhere(summary: Summary, scores: dict[str, float]) -> str:
    """Who has a score in the gradebook and no submission here."""
    missing = sorted(set(scores) - set(summary.graded) - set(summary.quarantined), key=by_name)
    return (
        f"<p class=note>In the gradebook, but not among these submissions: {', '.join(map(_name, missing))}.</p>"
        if missing
        else ""
    )
