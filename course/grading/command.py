"""`course grade` and `course report` as one sees them: a progress bar, then a table, then where the pages are."""

import webbrowser
from pathlib import Path

from course import notebooks
from course.errors import CourseError
from course.grading import classroom, record, sandbox
from course.grading.result import Result

NO_SANDBOX = (
    "NO SANDBOX: what students wrote runs as you, on this machine. It can read, change and delete your files, the gradebook and "
    "the answer key, send them over the network, and give itself any score. Do this with work of your own alone."
)


def warn(box: bool, elsewhere: bool = False) -> None:
    """Say what grading without a sandbox is; CourseError where one is asked for here and cannot be had."""
    from rich.console import Console

    if not box:
        Console(stderr=True).print(f"[bold red]{NO_SANDBOX}[/]")
    elif not elsewhere and (why := sandbox.missing()):
        raise CourseError(why)


def describe(result: Result) -> str:
    """A result in a few words."""
    if result.quarantined:
        return f"quarantined: {result.quarantined}"
    passed = sum(one.state == "passed" for one in result.exercises)
    words = [f"{passed} of {len(result.exercises)} exercises passed"]
    for state, said in (("stopped", "stopped"), ("unwritten", "not written")):
        if count := sum(one.state == state for one in result.exercises):
            words.append(f"{count} {said}")
    return ", ".join(words)


def show(rows: list[classroom.Row], title: str) -> None:
    """The table of a class."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("student", "phase", "score", "what happened", title=title)
    for row in sorted(rows, key=lambda one: (one.phase, one.student)):
        score = "not graded" if row.result.quarantined else f"{row.result.score:g} of {row.result.points:g}"
        said = describe(row.result) + ("; unchanged" if row.kept else "")
        table.add_row(escape(repr(row.student)[1:-1]), row.phase, score, escape(said))
    Console().print(table)


def grade_class(root: Path, phases: list[str], box: bool, **options) -> list[classroom.Row]:
    """Grade phases of a class, and show what came of it; Ctrl-C ends it in order, and the next run goes on from there."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    warn(box, bool(options.get("scheduler")))
    place, rows = record.course(root), []
    if not phases:
        phases = [one for one in notebooks.choose(root) if any(classroom.students(place.submitted, one))]
        if not phases:
            raise CourseError(f"Nobody has handed in anything: put notebooks into {place.submitted}/<student>/<phase>/.")
    console = Console()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    stopped = False
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        for phase in phases:
            task = bar.add_task(f"{phase}: getting ready", total=None)
            try:
                for row in classroom.run(
                    place, phase, sandbox=box, tell=lambda total, task=task: bar.update(task, total=total), **options
                ):
                    rows.append(row)
                    bar.update(task, advance=1, description=f"{phase}: {row.student!r}")
            except KeyboardInterrupt:
                stopped = True
                break
    if rows:
        show(rows, "Graded")
    for phase in {row.phase for row in rows}:
        print(f"feedback: {place.feedback}/<student>/{phase}/{phase}.html")
    if stopped:
        raise CourseError(f"Stopped: {len(rows)} are graded and recorded. Run the same command again, and it goes on from there.")
    return rows


def grade_file(path: Path, box: bool, show_page: bool = True) -> Path:
    """Grade one notebook, and open its feedback page, which is written beside it."""
    from course.grading import feedback

    warn(box)
    result, phase = classroom.one_file(path, None, box)
    page = feedback.page(result, path.stem, record.title(phase))
    target = path.with_name(f"{path.stem}-feedback.html")
    try:
        record.write(target, page.encode())
    except OSError as error:
        raise CourseError(f"The feedback cannot be written as {target} ({error.strerror or error}): copy the notebook.") from None
    print(f"{path.name} ({phase}): {result.score:g} of {result.points:g} points; {describe(result)}")
    for exercise in result.exercises:
        sign = {"passed": "✓", "partly": "◐", "unwritten": "○"}.get(exercise.state, "✗")
        print(f"  {sign} {exercise.name}: {exercise.score:g} of {exercise.points:g}")
    print(f"feedback: {target}")
    if show_page:
        webbrowser.open(target.resolve().as_uri())
    return target


def report(root: Path, phases: list[str], folder: Path | None = None) -> list[Path]:
    """Write each phase's page and table; CourseError where nothing has been graded."""
    from course.grading import report as reporting

    place, made = record.course(root), []
    chosen = phases or [one for one in notebooks.choose(root) if record.results(place, one)]
    if not chosen:
        raise CourseError("Nothing has been graded yet: run `course grade` first.")
    for phase in chosen:
        results = record.results(place, phase)
        with record.gradebook(place) as book:
            finals = record.finals(book, phase)
        made += reporting.report(phase, results, finals, folder or place.root / "reports")
    return made
