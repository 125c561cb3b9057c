"""The main job in small: a sample class hands in, nbgrader grades it and writes feedback, all in a folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course import answers, notebooks, release
from course.errors import CourseError

MARKER = ".made-by-course-demo"
LOG = "demo.log"
COURSE_ID = "llm-course"
STUDENTS = ("perfect", "middling", "blank", "wrong", "broken")
SCORE_LIMIT_S = 1800


@dataclass(frozen=True)
class Row:
    """What came of one submission: no score where it was not graded, no feedback page where none was written."""

    student: str
    phase: str
    score: float | None
    maximum: float
    what: str
    feedback: Path | None


def _sample(root: Path, phase: str, exercise: str) -> tuple[list[str], list[str]]:
    """The right and the wrong answers to an exercise, as text; CourseError where there are not enough of them."""
    path = root / "tests" / "answers" / phase / f"{exercise}.py"
    if not path.is_file():
        raise CourseError(f"The sample class needs answers to {exercise!r}: write {path.relative_to(root)}.")
    found = answers.parse(path)
    right, wrong = ([one.source for one in found if one.kind == kind] for kind in ("right", "wrong"))
    if not right or not wrong:
        raise CourseError(f"{path.relative_to(root)} needs at least one right and one wrong answer: add what is missing.")
    return right, wrong


def _texts(root: Path, phase: str) -> dict[str, dict[str, str]]:
    """What each student who hands in a notebook writes in each solution cell; an exercise left out keeps its stub.

    middling goes round: a right answer, the second wrong one, nothing.
    """
    nb = notebooks.source(root, phase)
    markers = {notebooks.BEGIN_SOLUTION, notebooks.END_SOLUTION}
    texts = {student: {} for student in STUDENTS if student != "broken"}
    for place, exercise in enumerate(notebooks.exercises(nb)):
        lines = nb.cells[exercise.solution].source.splitlines()
        right, wrong = _sample(root, phase, exercise.name)
        texts["perfect"][exercise.name] = "\n".join(line for line in lines if line.strip() not in markers)
        texts["wrong"][exercise.name] = wrong[0].rstrip()
        if place % 3 < 2:
            texts["middling"][exercise.name] = (right[0] if place % 3 == 0 else wrong[:2][-1]).rstrip()
    return texts


def _filled(nb, texts: dict[str, str]):
    """The notebook with these texts in its solution cells."""
    for cell in nb.cells:
        if notebooks.is_solution(cell) and notebooks.grade_id(cell) in texts:
            cell.source = texts[notebooks.grade_id(cell)]
    return nb


def _released(root: Path, phase: str, path: Path | None) -> Path:
    """Where the released notebook is; CourseError where it is not."""
    path = path or root / "release" / phase / f"{phase}.ipynb"
    if not path.is_file():
        raise CourseError(f"{path} does not exist: run `course release` first.")
    return path


def submissions(root: Path, phase: str, released: Path | None = None) -> dict[str, bytes]:
    """The files that the sample class hands in, made from the released notebook (default: release/) and tests/answers."""
    path = _released(root, phase, released)
    files = {student: notebooks.to_bytes(_filled(notebooks.read(path), texts)) for student, texts in _texts(root, phase).items()}
    whole = path.read_bytes()
    return files | {"broken": whole[: len(whole) // 2]}  # as an upload that broke off


def expected(root: Path, phase: str, released: Path | None = None) -> dict[str, dict[str, float]]:
    """The points of each graded cell for each student, computed without nbgrader; nothing for the broken file.

    Each submission's texts stand in the instructor's notebook, hidden tests included, which runs in a process of its own.
    """
    stubs = notebooks.read(_released(root, phase, released))
    blank = {notebooks.grade_id(cell): cell.source for cell in stubs.cells if notebooks.is_solution(cell)}
    points = {"broken": {}}
    for student, texts in _texts(root, phase).items():
        nb = _filled(notebooks.source(root, phase), blank | texts)
        points[student] = answers.in_child(lambda nb=nb: answers.score(nb), SCORE_LIMIT_S)
    return {student: points[student] for student in STUDENTS}


def graded(folder: Path, phase: str) -> dict[str, dict[str, float]]:
    """The points of each graded cell for each student, as the gradebook of a course folder has them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE_ID) as gradebook:
        return {
            one.student.id: {grade.cell.name: float(grade.score) for nb in one.notebooks for grade in nb.grades}
            for one in gradebook.assignment_submissions(phase)
        }


def prepare(root: Path, folder: Path) -> None:
    """Make the folder anew with what nbgrader needs; CourseError where it holds anything that a demo did not make."""
    if folder.exists() and not (folder / MARKER).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} holds something that `course demo` did not make: move it away and run this again.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("`course demo` empties this folder each time it runs.\n", "utf-8")
    for path in folder.iterdir():
        if path.name != MARKER:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(root / name, folder)
    shutil.copytree(root / "source", folder / "source", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))


def _nbgrader(folder: Path, *words: str) -> bool:
    """Run an nbgrader command in the course folder, its output into the log, and say whether it went well."""
    done = release.run_nbgrader(folder, *words)
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(f"\n$ nbgrader {' '.join(words)}\n{done.stdout}")
    return done.returncode == 0


def run(root: Path, folder: Path, tell: Callable[[str], None]) -> Iterator[Row]:
    """Release, hand in, grade and write feedback in a folder that `prepare` made; `tell` hears of each step before it begins.

    Each submission is graded by an nbgrader of its own, so that one that cannot be graded stops no other.
    """
    for phase in notebooks.choose(root):
        tell(f"releasing {phase}")
        release.release(folder, [phase])
        released = folder / "release" / phase / f"{phase}.ipynb"
        reasons = {}
        for student, content in submissions(root, phase, released).items():
            path = folder / "submitted" / student / phase / f"{phase}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
        for student in STUDENTS:
            tell(f"grading {phase}: {student}")
            try:
                notebooks.read(folder / "submitted" / student / phase / f"{phase}.ipynb")
            except CourseError as problem:
                reasons[student] = str(problem)
                continue
            if not _nbgrader(folder, "autograde", phase, "--student", student):
                reasons[student] = f"nbgrader could not grade it: {folder / LOG} says why."
        tell(f"writing feedback on {phase}")
        _nbgrader(folder, "generate_feedback", phase)
        yield from _rows(folder, phase, reasons)


def _rows(folder: Path, phase: str, reasons: dict[str, str]) -> Iterator[Row]:
    """Each student's outcome, from the gradebook."""
    points = graded(folder, phase)
    full = {
        notebooks.grade_id(cell): cell.metadata.nbgrader.points
        for cell in notebooks.source(folder, phase).cells
        if notebooks.is_graded(cell)
    }
    for student in STUDENTS:
        page = folder / "feedback" / student / phase / f"{phase}.html"
        got, what = points.get(student, {}), reasons.get(student)
        score = None if what else sum(got.values())
        what = what or f"{sum(got[name] == full[name] for name in full)} of {len(full)} tests passed"
        if score is not None and not page.is_file():
            what += f"; no feedback could be written: {folder / LOG} says why."
        yield Row(student, phase, score, sum(full.values()), what, page if page.is_file() else None)


def warning() -> str:
    """One sentence on what grading does not protect from, and what to do before grading strangers' work."""
    if shutil.which("bwrap"):
        return "Submissions ran with your own rights, without a sandbox: grade strangers' work in a throwaway container only."
    return (
        "Submissions ran with your own rights, as this version has no sandbox: before you grade strangers' work, install "
        "bubblewrap (Debian, Ubuntu: `sudo apt install bubblewrap`) and run grading inside it or in a throwaway container."
    )


def main(root: Path | None = None, folder: Path | None = None) -> None:
    """Do all of it in `folder` (default: demo/ in the course's folder), and print the scores and where the feedback is."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Table

    root = Path(root or notebooks.find_root())
    folder = Path(folder or root / "demo").resolve()
    if not (known := notebooks.choose(root)):
        raise CourseError("No phase has a notebook yet: write source/<phase>/<phase>.nb.py first.")
    for phase in known:  # what is missing is said now, not after minutes
        _texts(root, phase)
    prepare(root, folder)
    console = Console()
    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True) as bar:
        # Each phase is released, graded student by student, and written feedback on; a step counts once it has begun.
        task = bar.add_task("preparing", total=len(known) * (2 + len(STUDENTS)))

        def tell(step: str) -> None:
            bar.update(task, advance=1, description=step)
            if not console.is_terminal:
                print(f"{step} …", flush=True)

        rows = list(run(root, folder, tell))
    table = Table("student", "phase", "score", "what happened", title="The sample class")
    for row in rows:
        score = "not graded" if row.score is None else f"{row.score:g} of {row.maximum:g}"
        table.add_row(row.student, row.phase, score, escape(row.what))
    console.print(table)
    for row in rows:
        if row.feedback:
            print(f"feedback for {row.student}: {row.feedback.as_uri()}")
    print(f"What nbgrader said: {folder / LOG}\n{warning()}")
