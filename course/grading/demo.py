"""The main job in small: a sample class hands in, is graded, and gets feedback, all in a folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from course import answers, notebooks, release
from course.errors import CourseError
from course.grading import classroom, command, record

MARKER = ".made-by-course-demo"
STUDENTS = ("perfect", "middling", "blank", "wrong", "broken")
SCORE_LIMIT_S = 1800


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
    """The points of each graded cell for each student, computed without the engine; nothing for the broken file.

    Each solution is tried in the instructor's notebook, hidden tests included, in a process of its own; where it does not get
    all the points, what follows runs with the reference's.
    """
    stubs = notebooks.read(_released(root, phase, released))
    blank = {notebooks.grade_id(cell): cell.source for cell in stubs.cells if notebooks.is_solution(cell)}
    points = {"broken": {}}
    for student, texts in _texts(root, phase).items():
        points[student] = answers.in_child(lambda texts=texts: _points(root, phase, blank | texts), SCORE_LIMIT_S)
    return {student: points[student] for student in STUDENTS}


def _points(root: Path, phase: str, texts: dict[str, str]) -> dict[str, float]:
    nb = notebooks.source(root, phase)
    by_solution = {one.solution: one for one in notebooks.exercises(nb)}
    namespace, points = answers.fresh_namespace(), {}
    for place, cell in enumerate(nb.cells):
        source, exercise = cell.source, by_solution.get(place)
        if exercise:
            mine = answers.Answer(exercise.name, "wrong", "", None, texts[exercise.name])
            tried = answers.in_child(lambda e=exercise, a=mine: answers.attempt(nb, e, a, namespace).points, SCORE_LIMIT_S)
            points |= tried
            if sum(tried.values()) == sum(nb.cells[i].metadata.nbgrader.points for i in exercise.tests):
                source = mine.source
        if answers.runs(cell):
            answers.run_cell(source, notebooks.grade_id(cell) or cell.id, namespace)
    return points


def graded(folder: Path, phase: str) -> dict[str, dict[str, float]]:
    """The points of each graded cell for each student who has a score, as the gradebook of a course folder has them."""
    place = record.course(folder)
    with record.gradebook(place) as book:
        return {
            one.student.id: {grade.cell.name: float(grade.score) for nb in one.notebooks for grade in nb.grades}
            for one in book.assignment_submissions(phase)
            if all(grade.auto_score is not None for nb in one.notebooks for grade in nb.grades)
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


def run(root: Path, folder: Path, tell: Callable[[str], None], workers: int | None = None) -> Iterator[classroom.Row]:
    """Release, hand in and grade in a folder that `prepare` made; `tell` hears of each step before it begins."""
    for phase in notebooks.choose(root):
        tell(f"releasing {phase}")
        release.release(folder, [phase])
        released = folder / "release" / phase / f"{phase}.ipynb"
        for student, content in submissions(root, phase, released).items():
            path = folder / "submitted" / student / phase / f"{phase}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
        tell(f"grading {phase}")
        for row in classroom.run(record.course(folder), phase, workers=workers):
            tell(f"{phase}: {row.student}")
            yield row


def main(root: Path | None = None, folder: Path | None = None) -> None:
    """Do all of it in `folder` (default: demo/ in the course's folder), and print the scores and where the feedback is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    root = Path(root or notebooks.find_root())
    folder = Path(folder or root / "demo").resolve()
    if not (known := notebooks.choose(root)):
        raise CourseError("No phase has a notebook yet: write source/<phase>/<phase>.nb.py first.")
    for phase in known:  # what is missing is said now, not after minutes
        _texts(root, phase)
    command.warn(True)
    prepare(root, folder)
    console = Console()
    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True) as bar:
        # Each phase is released, then graded student by student; a step counts once it has begun.
        task = bar.add_task("preparing", total=len(known) * (2 + len(STUDENTS)))

        def tell(step: str) -> None:
            bar.update(task, advance=1, description=step)
            if not console.is_terminal:
                print(f"{step} …", flush=True)

        rows = list(run(root, folder, tell))
    command.show(rows, "The sample class")
    for row in rows:
        print(f"feedback for {row.student}: {row.page.as_uri()}")
    for page in command.report(folder, known):
        print(f"report: {page}")
