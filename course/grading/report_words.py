"""The small parts of the report on a class: text made safe, numbers in words, shapes of its figures."""

import html
import re

from course.grading.statistics import STATES

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SAYS = dict(
    zip(STATES, ("full points", "some points", "no points", "stopped (time, memory, a dead kernel)", "unwritten"), strict=True)
)


def escaped(text: str) -> str:
    """Text for the page, in quotes too; control characters, and those that turn writing round, are replaced."""
    return html.escape(CONTROL.sub("\ufffd", text))


def who(student: str) -> str:
    return f"<bdi>{escaped(student)}</bdi>"


def coded(*names: str) -> str:
    return ", ".join(f"<code>{escaped(name)}</code>" for name in names)


def exact(value: float) -> str:
    return f"{value:.10g}"


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def share_of(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.0f}%"


def signed(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}".replace("-", "−")


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def many(count: int, word: str = "student") -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def rect(kind: str, x: float, width: float, y: float, height: float, title: str = "") -> str:
    """A rectangle: x and width in percent, y and height in pixels."""
    return (
        f'<rect class="{kind}" x="{x:.2f}%" width="{width:.2f}%" y="{y:.1f}" height="{height:.1f}"><title>{title}</title></rect>'
    )


def word(kind: str, x: float, y: float, text: str) -> str:
    """A text in a figure: x in percent, y in pixels."""
    return f'<text class="{kind}" x="{x:.2f}%" y="{y:.1f}">{text}</text>'


def svg(height: int, said: str, *draw: str) -> str:
    label = f'role="img" aria-label="{said}"' if said else 'aria-hidden="true"'
    return f'<svg height="{height}" {label}>{"".join(draw)}</svg>'


def axis(unit: str, *ticks: str) -> str:
    """A scale under a column: its ticks at equal distances, and their unit."""
    last = len(ticks) - 1
    sides = {0: "axis", last: "axis end"}
    marks = (word(sides.get(i, "axis mid"), 100 * i / last, 12, tick) for i, tick in enumerate(ticks))
    return svg(32, "", *marks, word("axis mid", 50, 28, unit))


def legend() -> str:
    lines = (f"<li>{svg(14, '', rect(state, 0, 100, 0, 14))}{said}</li>" for state, said in SAYS.items())
    return f'<ul class="legend">{"".join(lines)}</ul>'
