"""The engine inside nbgrader: `nbgrader autograde`, formgrader's button and `nbgrader generate_feedback` go this way.

nbgrader_config.py names the two exporters. An exporter is the one place that nbgrader hands a whole file to, before it has tried
to read it as a notebook; its preprocessors come too late for a file that is none.
"""

import functools
import os
from pathlib import Path

from nbconvert.exporters import HTMLExporter, NotebookExporter

from course.errors import CourseError
from course.grading import classroom, key, record
from course.grading.engine import Grader, Limits
from course.grading.plan import imports
from course.grading.result import Result
from course.grading.submission import hand_in, timestamp


def grader(material: key.Material) -> Grader:
    """One warm grader of a phase for as long as this process lives."""
    return classroom.grader(Limits(), modules=imports(material))


@functools.lru_cache(maxsize=8)
def _material(root: Path, phase: str, changed: int) -> key.Material:
    return key.of_phase(root, phase)


class GradingExporter(NotebookExporter):
    """nbgrader's autograde: a submitted file in, the graded notebook out, the scores in the gradebook.

    nbgrader converts each file twice. The first time it is graded; the second time its own preprocessors may look at it.
    """

    def __init__(self, **settings):
        super().__init__(**settings)
        converter = self.parent
        if hasattr(converter, "init_assignment"):
            converter.init_assignment = functools.partial(_init_assignment, converter)
            converter.coursedir.get_existing_timestamp = lambda folder: timestamp(Path(folder))

    def from_filename(self, filename, resources=None, **settings):
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **settings)
        place = record.of_directory(self.parent.coursedir)
        phase, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        result = grade(place, phase, student, place.root / Path(filename).parent)
        if result.quarantined:
            raise CourseError(f"{student} could not be graded: {result.quarantined}")
        return result.notebook, {**resources, "output_extension": ".ipynb"}


def grade(place: record.Course, phase: str, student: str, folder: Path) -> Result:
    """Grade what is in a student's folder, and record it."""
    handed = hand_in(folder, phase, student)
    if handed.data is None:
        result = Result(phase, quarantined=handed.problem)
    else:
        text = place.root / "source" / phase / f"{phase}.nb.py"
        changed = text.stat().st_mtime_ns if text.is_file() else 0
        material = _material(place.root, phase, changed)
        result = grader(material).grade(material, handed.data)
    result.repairs = handed.repairs + result.repairs
    with record.gradebook(place) as book:
        record.record(place, book, student, result, handed.time)
    return result


def _init_assignment(converter, assignment_id: str, student_id: str) -> None:
    """In the place of nbgrader's own step, which copies all that a student handed in, links followed, and reads what it names.

    Only the phase's own notebook is graded, under its own name, whatever it is called in the folder.
    """
    place = record.of_directory(converter.coursedir)
    with record.gradebook(place) as book:
        record.submission(book, assignment_id, student_id, timestamp(place.submitted / student_id / assignment_id))
    folder = converter._format_source(assignment_id, student_id)
    converter.notebooks = [os.path.join(folder, f"{assignment_id}.ipynb")]


class FeedbackExporter(HTMLExporter):
    """nbgrader's generate_feedback: the page of the result that grading kept."""

    def from_filename(self, filename, resources=None, **settings):
        place = record.of_directory(self.parent.coursedir)
        phase, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        if (result := record.read(place, phase, student)) is None:
            raise CourseError(f"There is no result of {student}'s {phase}: run `nbgrader autograde {phase}` first.")
        with record.gradebook(place) as book:
            page = record.give_feedback(place, book, student, result)
        return page.read_text("utf-8"), {**resources, "output_extension": ".html"}
