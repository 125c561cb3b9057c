"""What comes out of grading one submission: points, checks, reasons, and what stood where; as data that travels as JSON."""

import json
from dataclasses import asdict, dataclass, field

FORMAT = 1


@dataclass
class CheckResult:
    """One check of a test cell. `message` is empty where it held; of a hidden check it is the hint alone, without values."""

    hint: str
    held: bool
    message: str = ""
    hidden: bool = False


@dataclass
class TestResult:
    """One graded cell. `title`: its docstring's first line; `stopped`: why it did not come to its end, in one sentence."""

    __test__ = False  # no test of ours, whatever pytest takes its name for

    name: str
    title: str
    points: float
    score: float
    checks: list[CheckResult] = field(default_factory=list)
    stopped: str = ""
    unwritten: bool = False
    seconds: float = 0.0


@dataclass
class ExerciseResult:
    """One exercise. `state`: passed, partly, failed, unwritten (still a stub) or stopped (time, memory, a dead kernel).

    `where`: the lines of the student's own code that an error went through, the error's name last; `on_reference`: the
    exercises that it builds on which were graded on the reference's version; `reason`: why it stopped.
    """

    name: str
    title: str
    points: float
    score: float
    state: str
    source: str = ""
    tests: list[TestResult] = field(default_factory=list)
    where: str = ""
    on_reference: list[str] = field(default_factory=list)
    reason: str = ""


@dataclass
class Result:
    """One submission. `quarantined`: why it could not be graded, in one sentence; no exercises and no score then;
    `lost`: that this was the grader's failure or a machine's, so that it is tried again.

    `remarks`: what people added in the gradebook. `notebook`: the graded notebook as JSON text, outputs capped and without
    scripts; `outputs`: by cell id, what the student's own file showed (feedback shows these: they come from the student's
    machine and can hold nothing of the hidden tests).
    """

    phase: str
    score: float = 0.0
    points: float = 0.0
    exercises: list[ExerciseResult] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    quarantined: str = ""
    lost: bool = False
    notebook: str = ""
    outputs: dict[str, list[dict]] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_s: float = 0.0
    fingerprint: str = ""
    submission: str = ""
    format: int = FORMAT

    def scores(self) -> dict[str, float]:
        """The points of each graded cell."""
        return {test.name: test.score for exercise in self.exercises for test in exercise.tests}

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Result":
        raw = json.loads(text)
        for exercise in raw["exercises"]:
            for test in exercise["tests"]:
                test["checks"] = [CheckResult(**one) for one in test["checks"]]
            exercise["tests"] = [TestResult(**one) for one in exercise["tests"]]
        raw["exercises"] = [ExerciseResult(**one) for one in raw["exercises"]]
        return cls(**raw)
