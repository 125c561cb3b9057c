"""The class at a glance: a page that needs nothing beside it, and a table for spreadsheets."""

import base64
import csv
import hashlib
import io
import math
import re
from pathlib import Path

from course import syllabus
from course.errors import CourseError
from course.grading.report_sections import cards, distribution, elsewhere, exercises, hints, look, repairs, stops, students, times
from course.grading.report_style import HATCH, css
from course.grading.report_words import escaped, exact
from course.grading.result import Result
from course.grading.statistics import Summary, by_name, summarize

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
CELL_START = re.compile(r'(;[\s"]*)(?=[=+\-@＝＋－＠])')
COLUMNS = ("student", "status", "score", "maximum", "gradebook score")


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
        points = ["", ""] if result.quarantined else [exact(result.score), exact(result.points)]
        row = [_cell(student), status, *points, "" if final is None else exact(final)]
        row += [exact(own[name]) if name in own else "" for name in names]
        writer.writerow([*row, exact(round(result.seconds, 2)), _cell(result.quarantined)])
    return out.getvalue()


def page(phase: str, summary: Summary, scores: dict[str, float]) -> str:
    """The page. Widths are attributes of inline SVG, so that its policy allows one style sheet, by its hash, and nothing else."""
    title = escaped(next((one.title for one in syllabus.load().phases if one.name == phase), phase))
    here = [*summary.graded, *summary.quarantined]
    finals = {student: float(scores[student]) for student in here if scores.get(student) is not None}
    automatic = {student: result.score for student, result in summary.graded.items()}
    differing = {student for student, final in finals.items() if abs(final - automatic.get(student, math.inf)) > 1e-6}
    finals = finals if differing else {}
    style = css()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [cards(summary, finals), look(summary, differing)]
    if summary.graded:
        parts += [distribution(summary), exercises(summary), hints(summary), stops(summary)]
        parts += [repairs(summary), times(summary)]
    parts += [students(summary, finals, differing), elsewhere(summary, scores)]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}: the class</title>\n<style>{style}</style>\n</head>\n<body>\n{HATCH}\n<main>\n"
        f"<h1>{title}: the class</h1>\n" + "\n".join(filter(None, parts)) + "\n</main>\n</body>\n</html>\n"
    )


def _cell(text: str) -> str:
    """Text for a spreadsheet: never a formula, nor one behind a semicolon, at which Excel splits in half of Europe."""
    text = CELL_START.sub(r"\1'", text)
    return f"'{text}" if text.startswith(FORMULA) else text
