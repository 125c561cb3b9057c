"""What grading leaves behind: scores in nbgrader's gradebook, the graded notebook, the feedback page, and the result itself.

One process writes; nothing of a student's chooses a path, a name in the gradebook, or a score that is no number in its bounds.
"""

import datetime
import os
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError
from course.grading import feedback
from course.grading.key import FOLDER
from course.grading.result import Result


@dataclass(frozen=True)
class Course:
    """Where an instructor's course keeps things: as nbgrader_config.py says, for nbgrader and for us alike."""

    root: Path
    db_url: str
    course_id: str
    submitted: Path
    autograded: Path
    feedback: Path
    config: object = field(default=None, compare=False, repr=False)


def course(root: Path) -> Course:
    """The course in `root`, by nbgrader's own reading of its configuration."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    found = CourseDirectory(config=config)
    return of_directory(found, root)


def of_directory(found, root: Path | None = None) -> Course:
    """The same from nbgrader's own object."""
    root = Path(root or found.root).resolve()
    folders = [root / name for name in (found.submitted_directory, found.autograded_directory, found.feedback_directory)]
    return Course(root, found.db_url, found.course_id, *folders, config=found.config)


@contextmanager
def gradebook(place: Course):
    """nbgrader's gradebook; CourseError where the database cannot be reached, or is lost meanwhile."""
    from nbgrader.api import Gradebook, InvalidEntry
    from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError

    try:
        try:
            found = Gradebook(place.db_url, place.course_id)
        except (ArgumentError, ImportError) as error:
            raise InvalidEntry(str(error)) from None
        with found:
            yield found
    except (DatabaseError, InterfaceError, InvalidEntry) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        driver = " (for PostgreSQL it begins with postgresql+psycopg://)" if "psycopg" in reason else ""
        hint = f"check c.CourseDirectory.db_url in nbgrader_config.py{driver}"
        raise CourseError(f"The gradebook cannot be used ({reason}): {hint}.") from None


def scores(book, phase: str, student: str, result: Result) -> None:
    """Write a result's scores. CourseError, and nothing written, where they are not those of the gradebook's cells."""
    from nbgrader.api import MissingEntry

    try:
        found = book.find_submission_notebook(phase, phase, student)
    except MissingEntry:
        raise CourseError(f"The gradebook knows no {phase} of {student}: run `course release {phase}` and grade again.") from None
    given = result.scores()
    grades = {grade.name: grade for grade in found.grades}
    for name, grade in grades.items():
        score = given.get(name)
        if type(score) not in (int, float) or not 0 <= score <= grade.max_score:
            said = f"{student}, {name}: {repr(score)[:40]} is no score of 0 to {grade.max_score:g}"
            raise CourseError(f"{said}; nothing was recorded.")
    if extra := sorted(set(given) - set(grades)):
        raise CourseError(f"The gradebook has no cell called {extra[0]!r}: run `course release {phase}` and grade again.")
    for name, grade in grades.items():
        grade.auto_score = float(given[name])
        grade.needs_manual_grade = grade.manual_score is not None
    unwritten = {one.name for one in result.exercises if one.state == "unwritten"}
    for comment in found.comments:
        comment.auto_comment = "No response." if comment.name in unwritten else None
    book.db.commit()


def penalty(place: Course, book, phase: str, student: str) -> None:
    """What nbgrader's plugin takes off a late submission, as its configuration says."""
    from nbformat.v4 import new_notebook
    from nbgrader.preprocessors import AssignLatePenalties

    entry = book.find_submission(phase, student)
    if entry.total_seconds_late > 0 or entry.late_submission_penalty:
        here = {"notebook": phase, "assignment": phase, "student": student, "db_url": place.db_url}
        AssignLatePenalties(config=place.config).preprocess(new_notebook(), {"nbgrader": here})
        book.db.expire_all()


def unusable(student: str) -> str:
    """Why a folder's name cannot stand for a student in the gradebook and in paths; nothing where it can."""
    if re.fullmatch(r"[^\s./\\][^/\\]{0,127}", student) and student.isprintable():
        return ""
    return "The folder's name cannot be a student's: rename it, with letters, digits, hyphens and underscores, and grade again."


def known(book, phase: str) -> None:
    """CourseError where the gradebook does not know the phase."""
    from nbgrader.api import MissingEntry

    try:
        book.find_assignment(phase)
    except MissingEntry:
        raise CourseError(f"The gradebook does not know {phase} yet: run `course release {phase}` first.") from None


def submission(book, phase: str, student: str, when: datetime.datetime | None) -> None:
    """The gradebook's entry of a submission, made if need be."""
    from sqlalchemy.exc import SAWarning

    known(book, phase)
    book.update_or_create_student(student)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # about nbgrader's own order of work
        book.update_or_create_submission(phase, student, **({"timestamp": when} if when else {}))


def kept(place: Course, phase: str, student: str) -> Path:
    """Where a result is kept."""
    return place.root / FOLDER / "results" / phase / f"{student}.json"


def read(place: Course, phase: str, student: str) -> Result | None:
    """The result kept of an earlier grading; None where there is none of this version."""
    try:
        return Result.from_json(kept(place, phase, student).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def results(place: Course, phase: str) -> dict[str, Result]:
    """All that are kept of a phase, by student."""
    folder = place.root / FOLDER / "results" / phase
    names = sorted(path.stem for path in folder.glob("*.json")) if folder.is_dir() else []
    return {name: found for name in names if (found := read(place, phase, name))}


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """A file, whole or not at all, in place of whatever was there; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    number = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def keep(place: Course, student: str, result: Result) -> None:
    """The result, for reports and so that an unchanged submission is not run again."""
    write(kept(place, result.phase, student), result.to_json().encode(), 0o600)


def record(place: Course, book, student: str, result: Result, when: datetime.datetime | None = None) -> Path:
    """All of it, for one student; returns the feedback page. A quarantined submission has a page and no score."""
    submission(book, result.phase, student, when)
    if not result.quarantined:
        scores(book, result.phase, student, result)
        penalty(place, book, result.phase, student)
        folder = place.autograded / student / result.phase
        write(folder / f"{result.phase}.ipynb", result.notebook.encode() + b"\n")
        if when:
            write(folder / "timestamp.txt", f"{when} UTC".encode())
    page = give_feedback(place, book, student, result)
    keep(place, student, result)
    return page


def give_feedback(place: Course, book, student: str, result: Result) -> Path:
    """Write a student's page, with what people have added in the gradebook."""
    result.remarks = remarks(book, result.phase, student, result) if book is not None else []
    return feedback.write(place.feedback, result, student, title(result.phase))


def title(phase: str) -> str:
    """A phase's title."""
    from course.syllabus import load

    return next((one.title for one in load().phases if one.name == phase), phase)


def remarks(book, phase: str, student: str, result: Result) -> list[str]:
    """What people decided in the gradebook beyond the automatic score: points, penalties, comments."""
    from nbgrader.api import MissingEntry

    try:
        found = book.find_submission_notebook(phase, phase, student)
    except MissingEntry:
        return []
    said = []
    for grade in found.grades:
        if grade.manual_score is not None:
            said.append(f"{grade.name}: {grade.manual_score:g} points, given by your instructor.")
        if grade.extra_credit:
            said.append(f"{grade.name}: {grade.extra_credit:g} points of extra credit.")
    if penalty := found.late_submission_penalty:
        said.append(f"{penalty:g} points were taken off, as the submission was late.")
    final = found.score - (penalty or 0)
    if not result.quarantined and abs(final - result.score) > 1e-9:
        said.append(f"In all: {final:g} of {result.points:g} points.")
    return said + [f"{one.name}: {one.manual_comment}" for one in found.comments if one.manual_comment]


def finals(book, phase: str) -> dict[str, float]:
    """Each student's score as the gradebook has it, with what people changed and penalties; without those who have none."""
    from nbgrader.api import MissingEntry

    try:
        found = book.assignment_submissions(phase)
    except MissingEntry:
        return {}
    graded = [
        one for one in found if any(grade.score or grade.auto_score is not None for nb in one.notebooks for grade in nb.grades)
    ]
    return {one.student.id: sum(nb.score - (nb.late_submission_penalty or 0) for nb in one.notebooks) for one in graded}
