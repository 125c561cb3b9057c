"""A class in numbers: what its results say about the scores, each exercise, the hints, the time and the files."""

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from course.errors import CourseError
from course.grading.result import ExerciseResult, Result

STATES = ("passed", "partly", "failed", "stopped", "unwritten")
FEWEST = 3  # graded submissions below which a correlation says nothing
TEXT_LIMIT = 400
NAMES = re.compile(r"([^:]+): ([\w-]+(?:, [\w-]+)*)\.")


@dataclass(frozen=True)
class Item:
    """One exercise across the class; shares are None where nobody was graded, or there are no points to share.

    `discrimination`: the corrected item-total correlation, None where there is no variance or fewer than three were graded.
    """

    name: str
    title: str
    points: float
    graded: int
    states: dict[str, int]
    passes: float | None
    share: float | None
    discrimination: float | None

    @property
    def blurs(self) -> bool:
        """Whether some pass it and some do not, in a class large enough, and it still says little about how they do elsewhere."""
        known = self.graded >= 10 and self.discrimination is not None
        return known and self.discrimination < 0.15 and 0.05 <= self.passes <= 0.95


@dataclass(frozen=True)
class Hint:
    """A hint that was the first to fail for so many students, and in which exercises; `hidden`: in hidden tests alone."""

    text: str
    students: int
    exercises: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True)
class Repair:
    """What was put right in so many files; `cells`: the names that end the sentence, and how often each came."""

    text: str
    files: int
    cells: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Times:
    """Seconds that the graded submissions took."""

    median: float = 0.0
    maximum: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Summary:
    """A class. `quartiles`: lower, median, upper; they and the mean are None where nothing was graded.

    `graded`: results by student, sorted by name; `quarantined`: reasons by student; `repaired`: files with any repair;
    `stops`: (exercise, reason) and how many; `slowest`: the student whose submission took longest.
    """

    submissions: int
    graded: dict[str, Result]
    quarantined: dict[str, str]
    maximum: float
    quartiles: tuple[float, float, float] | None
    mean: float | None
    items: tuple[Item, ...]
    hints: tuple[Hint, ...]
    repaired: int
    repairs: tuple[Repair, ...]
    stops: tuple[tuple[tuple[str, str], int], ...]
    seconds: Times
    cpu: Times
    slowest: str


def by_name(student: str) -> tuple[str, str]:
    """The order of students: by name, whatever the case."""
    return student.casefold(), student


def correlation(one: list[float], other: list[float]) -> float | None:
    """Pearson's correlation; None where either side has no variance, or there are fewer than three pairs."""
    x, y = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if len(x) < FEWEST or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-9:
        return None
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / math.sqrt((x @ x) * (y @ y)), -1, 1))


def summarize(results: dict[str, Result]) -> Summary:
    """The numbers of one phase's results, by student. CourseError where a score is not a number."""
    for student, result in results.items():
        numbers = [result.score, result.points, result.seconds, result.cpu_s]
        numbers += [number for one in result.exercises for number in (one.score, one.points)]
        if not all(map(math.isfinite, numbers)):
            raise CourseError(f"A score or a time of {student!r} is not a number: grade that student again.")
    order = sorted(results, key=by_name)
    graded = {student: results[student] for student in order if not results[student].quarantined}
    scores = [result.score for result in graded.values()]
    stopped = [one for result in graded.values() for one in result.exercises if one.state == "stopped"]
    return Summary(
        submissions=len(results),
        graded=graded,
        quarantined={student: results[student].quarantined for student in order if results[student].quarantined},
        maximum=max((result.points for result in graded.values()), default=0.0),
        quartiles=tuple(map(float, np.quantile(scores, [0.25, 0.5, 0.75]))) if scores else None,
        mean=float(np.mean(scores)) if scores else None,
        items=_items(list(graded.values())),
        hints=_hints(graded),
        repaired=sum(bool(result.repairs) for result in graded.values()),
        repairs=_repairs(list(graded.values())),
        stops=_ranked(Counter((one.name, one.reason or _stop(one)) for one in stopped)),
        seconds=_times([result.seconds for result in graded.values()]),
        cpu=_times([result.cpu_s for result in graded.values()]),
        slowest=max(graded, key=lambda student: graded[student].seconds, default=""),
    )


def histogram(scores: list[float], maximum: float) -> tuple[list[float], list[int]]:
    """Edges and counts of bins of a round width, about ten from 0 to the maximum, about twenty for a class of thirty or more.

    A bin holds its lower edge and not its upper one; the last holds both. Scores outside fall into the first or the last bin.
    """
    if maximum <= 0:
        return [], []
    rough = maximum / (20 if len(scores) >= 30 else 10)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * (1 - 1e-9))
    count = max(1, math.ceil(maximum / step - 1e-9))
    counts = [0] * count
    for score in scores:
        counts[min(max(math.floor(score / step + 1e-9), 0), count - 1)] += 1
    return [round(step * i, 9) for i in range(count + 1)], counts


def _times(values: list[float]) -> Times:
    return Times(float(np.median(values)), max(values), sum(values)) if values else Times()


def _ranked(counts: Counter) -> tuple:
    """What was counted, the most frequent first, then by its text."""
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _repairs(results: list[Result]) -> tuple[Repair, ...]:
    """The repairs, the most frequent first; sentences that differ in the names of cells at their end alone are one."""
    files, cells = Counter(), {}
    for result in results:
        said = {}
        for sentence in result.repairs:
            listed = NAMES.fullmatch(sentence)
            said.setdefault(listed[1] if listed else sentence, set()).update(listed[2].split(", ") if listed else ())
        files.update(said.keys())
        for text, names in said.items():
            cells.setdefault(text, Counter()).update(names)
    return tuple(Repair(text, count, _ranked(cells[text])) for text, count in _ranked(files))


def _items(results: list[Result]) -> tuple[Item, ...]:
    """Each exercise that any result has, in the order of the first that has it."""
    found: dict[str, list[tuple[ExerciseResult, float]]] = {}
    for result in results:
        total = sum(one.score for one in result.exercises)
        for one in result.exercises:
            found.setdefault(one.name, []).append((one, total - one.score))
    return tuple(_item(name, pairs) for name, pairs in found.items())


def _item(name: str, pairs: list[tuple[ExerciseResult, float]]) -> Item:
    """An exercise from what each student got for it and for all others."""
    own, rest = [one for one, _ in pairs], [others for _, others in pairs]
    states = Counter(one.state if one.state in STATES else "failed" for one in own)
    shares = [one.score / one.points for one in own if one.points > 0]
    return Item(
        name=name,
        title=own[0].title,
        points=max(one.points for one in own),
        graded=len(own),
        states={state: states[state] for state in STATES},
        passes=states["passed"] / len(own),
        share=float(np.mean(shares)) if shares else None,
        discrimination=correlation([one.score for one in own], rest),
    )


def _stop(exercise: ExerciseResult) -> str:
    return next((test.stopped for test in exercise.tests if test.stopped), "no reason was kept")


def _first_failed(exercise: ExerciseResult):
    """The check that failed first; None in an exercise not written, nor from a test on that was stopped."""
    if exercise.state == "unwritten":
        return None
    for test in exercise.tests:
        if exercise.state == "stopped" and test.stopped:
            return None
        if failed := next((check for check in test.checks if not check.held), None):
            return failed
    return None


def _hints(graded: dict[str, Result]) -> tuple[Hint, ...]:
    """The hints of the checks that failed first, the most frequent first; a student counts once for a hint."""
    who, where, visible = {}, {}, set()
    for student, result in graded.items():
        for exercise in result.exercises:
            if check := _first_failed(exercise):
                text = (check.hint or check.message.strip().partition("\n")[0] or "a check without a hint")[:TEXT_LIMIT]
                who.setdefault(text, set()).add(student)
                where.setdefault(text, {})[exercise.name] = True
                visible |= set() if check.hidden else {text}
    ranked = _ranked(Counter({text: len(students) for text, students in who.items()}))
    return tuple(Hint(text, count, tuple(where[text]), text not in visible) for text, count in ranked)
