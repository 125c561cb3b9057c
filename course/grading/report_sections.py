"""The sections of the report on a class, in the page's order. Every text that comes from a file goes through `escaped`."""

import math
import statistics

from course.grading.report_words import (
    SAYS,
    axis,
    coded,
    duration,
    escaped,
    exact,
    legend,
    many,
    rect,
    share_of,
    short,
    signed,
    svg,
    who,
    word,
)
from course.grading.result import Result
from course.grading.statistics import STATES, Item, Summary, by_name, histogram

TOP, FEW = 20, 5


def cards(summary: Summary, finals: dict[str, float]) -> str:
    """The numbers that sum it up."""
    count, of = len(summary.graded), f" <small>of {short(summary.maximum)}</small>"
    cards = [(f"{count} <small>of {summary.submissions}</small>", f"graded; {len(summary.quarantined)} quarantined")]
    if count:
        low, middle, high = map(short, summary.quartiles)
        share = f"; {share_of(summary.mean / summary.maximum)} of the points" if summary.maximum > 0 else ""
        cards += [(middle + of, f"median score; quartiles {low} and {high}"), (short(summary.mean) + of, f"mean score{share}")]
        if finals:
            cards += [(short(statistics.median(finals.values())) + of, "median score in the gradebook")]
        cards += [(duration(summary.seconds.median), f"median time; {duration(summary.seconds.total)} in all")]
        cards += [(f"{summary.repaired} <small>of {count}</small>", "files repaired before grading")]
    return '<ul class="cards">' + "".join(f"<li><b>{head}</b>{text}</li>" for head, text in cards) + "</ul>"


def look(summary: Summary, differing: set[str]) -> str:
    """What an instructor would look at first, a sentence each: (whether something is wrong, head, text)."""
    count, items, left = len(summary.graded), summary.items, list(summary.quarantined.items())
    found = [(True, who(student), f"could not be graded: {escaped(reason)}") for student, reason in left[:FEW]]
    if len(left) > FEW:
        found += [(True, f"{len(left) - FEW} more", "could not be graded: the list of students says why.")]
    for item in items:
        if stopped := item.states["stopped"]:
            reasons = [reason for (name, reason), _ in summary.stops if name == item.name]
            most = ", mostly" if len(reasons) > 1 else ""
            found += [(True, coded(item.name), f"was stopped for {many(stopped)}{most}: {escaped(reasons[0])}")]
        if item.blurs:
            text = f"does not tell strong students from weak ones (discrimination {signed(item.discrimination)}): is it clear?"
            found += [(True, coded(item.name), text)]
    hard = sorted((item for item in items if item.share is not None and item.share < 0.6), key=lambda item: item.share)[:2]
    for item, rank in zip(hard, ("is the hardest", "comes next"), strict=False):
        unwritten = f"; {item.states['unwritten']} left it unwritten" if item.states["unwritten"] else ""
        text = f"{rank}: {share_of(item.share)} of its points on average, full points for {share_of(item.passes)}{unwritten}."
        found += [(False, coded(item.name), text)]
    if summary.hints and (top := summary.hints[0]).students >= max(2, 0.15 * count):
        where = f"stumbled over the same check of {coded(*top.exercises)}: “{escaped(top.text)}”"
        found += [(False, f"{top.students} of {count} students", where)]
    weak = [student for student, result in summary.graded.items() if result.score < 0.4 * result.points]
    if weak:
        names = ", ".join(map(who, weak[:FEW])) + (f" and {len(weak) - FEW} more" if len(weak) > FEW else "")
        found += [(False, many(len(weak)), f"scored less than 40% of the points: {names}.")]
    if differing:
        verb = "differs from the automatic one" if len(differing) == 1 else "differ from the automatic ones"
        found += [(False, many(len(differing), "score"), f"in the gradebook {verb}: see the list of students.")]
    lines = (f"<li{' class=bad' if bad else ''}><strong>{head}</strong> {text}</li>" for bad, head, text in found)
    return f'<h2>Worth a look</h2>\n<ul class="look">{"".join(lines)}</ul>' if found else ""


def distribution(summary: Summary) -> str:
    """The histogram of scores, its quartiles shaded and its median drawn."""
    scores = [result.score for result in summary.graded.values()]
    edges, counts = histogram(scores, summary.maximum)
    if not edges:
        return "<h2>Scores</h2>\n<p>The notebook gives no points.</p>"
    tall, base, left, wide = max(counts), 190, 6.0, 93.0

    def x(score):
        return left + wide * min(max(score / edges[-1], 0), 1)

    low, middle, high = summary.quartiles
    draw = [rect("band", x(low), x(high) - x(low), 20, base - 20)]
    for tick in range(0, tall + 1, max(1, math.ceil(tall / 4))):
        y = base - 160 * tick / tall
        draw += [f'<line class="grid" x1="{left}%" x2="{left + wide}%" y1="{y:.1f}" y2="{y:.1f}"/>']
        draw += [word("axis end", left - 1, y + 4, str(tick))]
    for start, end, count in zip(edges, edges[1:], counts, strict=False):
        height, said = 160 * count / tall, f"{many(count)} from {short(start)} to {short(end)} points"
        draw += [rect("passed", x(start), wide / len(counts) - 0.35, base - height, height, said)]
    draw += [word("axis mid", x(edge), base + 17, exact(edge)) for edge in edges[:: math.ceil((len(edges) - 1) / 10)]]
    draw += [f'<line class="median" x1="{x(middle):.2f}%" x2="{x(middle):.2f}%" y1="6" y2="{base}"/>']
    draw += [word("end" if x(middle) > 50 else "", x(middle) + (-1 if x(middle) > 50 else 1), 14, f"median {short(middle)}")]
    draw += [
        word("axis", 0, 14, "students"),
        word("axis end", left + wide, base + 36, f"score (points of {short(summary.maximum)})"),
    ]
    said = f"Histogram of {many(len(scores), 'score')}: median {short(middle)}, quartiles {short(low)} and {short(high)}"
    note = "The middle half of the class lies in the shaded band, between the quartiles."
    return f"<h2>Scores</h2>\n<p class=note>{note}</p>\n{svg(230, said, *draw)}"


def _outcome(item: Item) -> str:
    """A bar of the states, each as wide as its share of the class, with the number of students inside."""
    draw, start = [], 0.0
    for state, count in item.states.items():
        width = 100 * count / item.graded
        draw += [rect(state, start, max(width - 0.3, 0.2), 0, 20, f"{many(count)}: {SAYS[state]}")] if count else []
        draw += [word(f"on mid {state}", start + width / 2, 14, str(count))] if width >= 6 else []
        start += width
    return svg(20, ", ".join(f"{count} {SAYS[state]}" for state, count in item.states.items() if count), *draw)


def _dot(item: Item) -> str:
    """An exercise's discrimination on a line from -1 to 1."""
    lines = '<line class="grid" x1="0" x2="100%" y1="10" y2="10"/><line class="grid" x1="50%" x2="50%" y1="2" y2="18"/>'
    if item.discrimination is None:
        return svg(20, "", lines)
    kind = "mark low" if item.blurs else "mark"
    return svg(20, "", lines, f'<circle class="{kind}" cx="{50 + 50 * item.discrimination:.1f}%" cy="10" r="4.5"/>')


def _figure(label: str, value: object, low: str = "") -> str:
    """A number of the table; `label` stands above it where the table has no head, on a phone."""
    return f'<td class="number{low}" data-label="{label}">{value}</td>'


def exercises(summary: Summary) -> str:
    """For each exercise: how it came out, and how well it tells students apart."""
    if not summary.items:
        return "<h2>Exercises</h2>\n<p>The results hold no exercises.</p>"
    rows = ""
    for place, item in enumerate(summary.items, 1):
        points = f"{short(item.points)} point{'' if item.points == 1 else 's'}"
        rows += (
            f'<tr><th scope="row" class="wide"><span class="soft">{place}</span> {escaped(item.title or item.name)}<br>'
            f'<span class="soft">{coded(item.name)} · <span class="nowrap">{points}</span></span></th>'
            f'<td class="bar">{_outcome(item)}</td>'
            + _figure("full points", share_of(item.passes))
            + _figure("mean pts", share_of(item.share))
            + _figure("discrim.", signed(item.discrimination), " low" * item.blurs)
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
    outcome, line = axis("share of the graded (%)", "0", "25", "50", "75", "100"), axis("correlation", "−1", "0", "1")
    return (
        "<h2>Exercises</h2>\n<p class=note>Discrimination is how well an exercise's score goes with the score in all the "
        "others (corrected item-total correlation): near 0 the exercise says little about a student, below 0 those who do "
        f"well elsewhere fail it. It is n/a where all scores are equal, or fewer than three were graded.{error}</p>\n"
        f'{legend()}\n<table class="items"><thead><tr>{top}</tr></thead>\n<tbody>{rows}</tbody>\n'
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


def hints(summary: Summary) -> str:
    rows = []
    for hint in summary.hints:
        hidden = " · hidden test" if hint.hidden else ""
        rows += [(hint.students, f'{escaped(hint.text)}<br><span class="soft">{coded(*hint.exercises)}{hidden}</span>')]
    note = "The hint of the check that failed first, for each student and exercise that was written."
    return _counted("What they stumbled over", note, ("Students", "Hint"), rows)


def stops(summary: Summary) -> str:
    rows = [(count, f'{escaped(reason)}<br><span class="soft">{coded(name)}</span>') for (name, reason), count in summary.stops]
    return _counted("What was stopped", "The rest of these notebooks was graded all the same.", ("Students", "Reason"), rows)


def repairs(summary: Summary) -> str:
    rows = []
    for repair in summary.repairs:
        cells = ", ".join(coded(name) + (f" ({count})" if count > 1 else "") for name, count in repair.cells)
        rows += [(repair.files, escaped(repair.text) + (f"<br>{cells}" if cells else ""))]
    return _counted("What was repaired", "Put right in the files before they were graded.", ("Files", "Repair"), rows)


def times(summary: Summary) -> str:
    rows = ""
    for name, one in (("Elapsed", summary.seconds), ("CPU", summary.cpu)):
        cells = "".join(f'<td class="number">{duration(value)}</td>' for value in (one.median, one.maximum, one.total))
        rows += f'<tr><th scope="row">{name}</th>{cells}</tr>'
    heads = "".join(f'<th scope="col" class="number">{head}</th>' for head in ("Median", "Longest", "Total"))
    return (
        f"<h2>Time</h2>\n<p class=note>For each graded submission; {who(summary.slowest)}'s took longest.</p>\n"
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
        said += [f"{escaped(name)}: {short(one.score)} of {short(one.points)}, {SAYS[state]}"]
        x, width = (place + 0.08) * cell, 0.84 * cell
        draw += [rect("track", x, width, 1, 18)] if share < 1 else []
        draw += [rect(state, x, width, 19 - 18 * share, 18 * share, said[-1])]
        mark = {"failed": "×", "stopped": "!"}.get(state)
        draw += [word(f"on mid {state}", (place + 0.5) * cell, 14, mark)] if mark else []
    return svg(20, "; ".join(said), *draw)


def students(summary: Summary, finals: dict[str, float], differing: set[str]) -> str:
    """The list of students, and a strip of bars for each."""
    names, rows = [item.name for item in summary.items], ""
    for student in sorted([*summary.graded, *summary.quarantined], key=by_name):
        rows += f'<tr><th scope="row" class="who">{who(student)}</th>'
        if reason := summary.quarantined.get(student):
            rows += f'<td class="reason" colspan="2">quarantined: {escaped(reason)}</td>'
        else:
            result = summary.graded[student]
            rows += f'<td class="strip">{_strip(result, names)}</td>'
            rows += f'<td class="number">{short(result.score)} <small>/ {short(result.points)}</small></td>'
        if finals:
            book = short(finals[student]) if student in finals else ""
            rows += f'<td class="number{" low" * (student in differing)}">{book}</td>'
        rows += "</tr>\n"
    head, cell = "", 100 / max(1, len(names))
    for i, name in enumerate(names):
        label = name if len(name) < 20 else name[:18] + "…"
        head += f'<svg class="names" x="{(i + 0.5) * cell:.2f}%"><text class="axis" x="4" y="84" transform="rotate(-45 0 84)">'
        head += f"{escaped(label)}</text></svg>{word('axis mid', (i + 0.5) * cell, 104, str(i + 1))}"
    book = '<th scope="col" class="number">Gradebook</th>' if finals else ""
    note = "Each small bar is an exercise, filled as far as its points go; the numbers are those of the exercises above."
    return (
        "<h2>Students</h2>\n" + (f"<p class=note>{note}</p>\n{legend()}\n" if names else "") + '<table class="students">'
        f'<thead><tr><th scope="col" class="who">Student</th><td class="strip">{svg(110, "", head) if names else ""}</td>'
        f'<th scope="col" class="number">Score</th>{book}</tr></thead>\n<tbody>{rows}</tbody></table>'
    )


def elsewhere(summary: Summary, scores: dict[str, float]) -> str:
    """Who has a score in the gradebook and no submission here."""
    missing = sorted(set(scores) - set(summary.graded) - set(summary.quarantined), key=by_name)
    return (
        f"<p class=note>In the gradebook, but not among these submissions: {', '.join(map(who, missing))}.</p>" if missing else ""
    )
