"""One submission graded: rebuilt, run in a sandboxed kernel, judged outside it, followed through to the end.

An exercise that fails its tests is replaced by the reference's before the next cells run, in a new kernel in which nothing of the
failed one has run: an early mistake costs its own points and no others. The same way leads on from a dead or a hung kernel.
"""

import asyncio
import builtins
import contextlib
import hashlib
import re
import threading
import time
from dataclasses import dataclass, field

from course.errors import CourseError
from course.grading import finish, stubs, warm
from course.grading.judging import Judge, Judgement
from course.grading.kernel import START_LIMIT_S, Kernel, Ran
from course.grading.key import Material
from course.grading.plan import Plan, Task, imports, plan
from course.grading.reading import Unreadable
from course.grading.rebuild import Rebuilt, rebuild
from course.grading.result import CheckResult, ExerciseResult, Result, TestResult
from course.notebooks import grade_id, is_graded, is_solution, tags

MODULES = (*warm.HEAVY, "course.grading.inside", "course.grading.traces")
TRACES, TRACES_LIMIT_S = "__import__('course.grading.traces', fromlist=['compare'])", 20
LEAN = "__import__('course.grading.lean', fromlist=['load'])"
SYNTAX = ("SyntaxError", "IndentationError", "TabError")


@dataclass(frozen=True)
class Limits:
    """A cell's time (seconds, and how many times the reference's own), a submission's in all, and the sandbox's limits."""

    cell_s: float = 15
    times: float = 15
    total_s: float = 300
    memory_bytes: int = 3 << 30
    processes: int = 128

    def of_cell(self, reference_s: float) -> float:
        return self.cell_s + self.times * reference_s


@dataclass
class Step:
    """A cell to run: kind is given, solution, test or added; `exercise`: the one in whose stretch it stands, if any."""

    kind: str
    name: str
    source: str
    id: str
    exercise: str | None
    last: bool = False
    left_out: bool = False
    outputs: list[dict] = field(default_factory=list)


class Grader:
    """Grades submissions one after another, its kernels forked from one warm process: `with Grader() as grader`.

    sandbox: False runs submissions with your own rights, for work that you trust as your own. address: of a warm process that
    somebody else keeps; by default it has one of its own, which imports `modules` beside what all kernels need.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        sandbox: bool = True,
        address: str | None = None,
        modules: tuple[str, ...] = (),
    ):
        self.limits, self.address = limits or Limits(), address if sandbox else None
        self.server = warm.Warm((*MODULES, *modules)) if sandbox and not address else None

    def __enter__(self) -> "Grader":
        if self.server:
            self.address = self.server.__enter__()
        return self

    def __exit__(self, *_) -> None:
        if self.server:
            self.server.__exit__()

    @property
    def alive(self) -> bool:
        """Whether its warm process is still there, where it needs one."""
        return self.server.process.poll() is None if self.server else self.address is None or warm.serves(self.address)

    def grade(self, material: Material, data: bytes) -> Result:
        """What comes of one submitted file; a quarantined result where it cannot be graded."""
        start, found = time.monotonic(), Result(material.phase)
        found.fingerprint, found.submission = material.fingerprint, hashlib.sha256(data).hexdigest()
        try:
            rebuilt = rebuild(plan(material).notebook, data)
        except Unreadable as problem:
            found.quarantined = str(problem)
            return found
        try:
            _in_thread(Grading(self, material, rebuilt, found).run)
        except CourseError as problem:
            found.quarantined = str(problem)
        except Exception as error:
            found.quarantined, found.lost = f"The grader itself failed on it ({type(error).__name__}: {error}).", True
        found.seconds = round(time.monotonic() - start, 3)
        return found


def _in_thread(work) -> None:
    """Run a coroutine function to its end in a thread of its own: whoever calls may have an event loop running."""
    raised = []

    def body():
        try:
            asyncio.run(work())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body, name="grading")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


class Grading:
    """The run of one submission."""

    def __init__(self, grader: Grader, material: Material, rebuilt: Rebuilt, result: Result):
        self.grader, self.limits, self.material, self.result = grader, grader.limits, material, result
        self.plan: Plan = plan(material)
        self.rebuilt = rebuilt
        self.steps = _steps(self.plan, rebuilt)
        self.versions = dict(rebuilt.solutions)  # what stands for each exercise from here on
        self.found = {
            name: ExerciseResult(name, task.title, 0, 0, "", rebuilt.solutions[name]) for name, task in self.plan.tasks.items()
        }
        self.replaced: set[str] = set()
        self.kernel: Kernel | None = None
        self.full: dict[str, str] = {}  # each failed test's message as the instructor may see it

    async def run(self) -> None:
        """Run every cell; `result` holds all of it then."""
        self.end = time.monotonic() + self.limits.total_s + self.limits.times * sum(self.plan.seconds.values())
        async with contextlib.AsyncExitStack() as stack:
            self.judge = await stack.enter_async_context(Judge(self.grader.address, self.material.calls))
            stack.push_async_callback(self._close)
            await self._open()
            place = 0
            while place < len(self.steps):
                step = self.steps[place]
                if time.monotonic() > self.end:
                    self._out_of_time(place)
                    break
                if not step.left_out:
                    await self._step(place)
                if step.last:
                    await self._settle(place)
                place += 1
        self.result.exercises = list(self.found.values())
        finish.finish(self.result, self.plan, self.rebuilt, self.steps, self.full)

    async def _open(self) -> None:
        self.kernel = await Kernel(self.grader.address, self._world()).__aenter__()
        if self.grader.address is None:  # started cold: the imports that a warm process has behind it are no cell's time
            modules = (*MODULES, *imports(self.material))
            await self.kernel.execute(f"{LEAN}.load({modules!r})", START_LIMIT_S, silent=True)

    async def _close(self) -> None:
        if self.kernel is not None:
            await self.kernel.close()
            self.kernel = None

    def _world(self) -> dict:
        limits = {"memory_bytes": self.limits.memory_bytes, "processes": self.limits.processes}
        return {"limits": limits | {"cpu_s": int(self.limits.total_s * 4 + 3600)}}

    def _limit(self, step: Step) -> float:
        return min(self.limits.of_cell(self.plan.seconds.get(step.id, 0)), max(1, self.end - time.monotonic()))

    async def _step(self, place: int) -> None:
        """Run one cell for the first time, and see to what comes of it."""
        step = self.steps[place]
        exercise = self.found.get(step.exercise)
        if step.kind == "test":
            await self._test(step, exercise)
            return
        if exercise is not None and (exercise.reason or exercise.state == "unwritten") and step.kind != "solution":
            return  # the rest of its stretch runs with the reference
        if step.kind == "solution" and stubs.plain(exercise.source) == self._stub(step.exercise):
            exercise.state = "unwritten"
            return
        source = self.versions[step.exercise] if step.kind == "solution" else step.source
        if step.kind == "solution":
            await self.kernel.execute(f"{TRACES}.remember(globals())", TRACES_LIMIT_S, silent=True)
        ran = await self.kernel.execute(source, self._limit(step))
        step.outputs = ran.outputs
        if ran.ended == "ok":
            return
        if step.kind == "solution":
            exercise.where = _where(ran, source, close=bool(self.replaced))
            exercise.state = "syntax" if ran.error[0] in SYNTAX else ""
        if ran.ended == "error":
            if step.kind == "given" and step.exercise not in self.replaced:
                await self._given_failed(place)
        elif exercise is not None:
            exercise.reason = _sentence(ran)
        elif step.kind == "added":
            step.left_out = True
            self.result.notes.append(f"A cell of your own was left out, as {_sentence(ran, 'it')}")
            await self._replay(place)
        else:
            await self._given_failed(place)

    async def _given_failed(self, place: int) -> None:
        """A cell of the course's does not run on what the student wrote, whose exercise is over or has yet to be tested."""
        step = self.steps[place]
        if step.exercise is not None and not self.found[step.exercise].reason:
            return  # its tests decide
        mine = [one.exercise for one in self.steps[:place] if one.kind == "solution" and one.exercise not in self.replaced]
        for names in (mine[-1:], mine):
            if not set(names) - self.replaced:
                continue
            self._replace(names)
            if len(names) > 1:
                for one in self.steps[:place]:
                    one.left_out |= one.kind == "added"
            whose = ", ".join(names)
            self.result.notes.append(f"From cell {step.name!r} on, the reference's {whose} was used: yours stopped it.")
            if await self._replay(place + 1):
                return
        raise CourseError(f"The course's own cell {step.name!r} does not run here, even with the reference's solutions.")

    async def _test(self, step: Step, exercise: ExerciseResult) -> None:
        """Run a test cell's probe, have it judged, and note what came of it."""
        test = self.plan.tests[step.name]
        noted = TestResult(test.name, test.title, test.points, 0)
        exercise.tests.append(noted)
        if exercise.reason or exercise.state == "unwritten":
            noted.stopped = "It was not run any more." if exercise.reason else "There is nothing to test yet."
            return
        ran = await self.kernel.probe(test.probe, test.name, self._limit(step))
        step.outputs, noted.seconds = ran.outputs, round(ran.seconds, 3)
        if ran.ended in ("time", "dead"):
            exercise.reason = noted.stopped = _sentence(ran)
            return
        said = await self.judge.ask(test.name, test.hidden, ran.block, close=bool(self.replaced))
        self._note(noted, exercise, said)

    def _note(self, noted: TestResult, exercise: ExerciseResult, said: Judgement) -> None:
        noted.checks = [CheckResult(**one) for one in said.checks]
        noted.stopped = said.unread and f"What the test computed could not be judged: {said.unread}."
        noted.score = noted.points if said.passed else 0.0
        if not said.passed:
            self.full[noted.name] = said.full or noted.stopped
            exercise.where = exercise.where or _lines(said.where, exercise.source)
        noted.unwritten = said.unwritten

    async def _settle(self, place: int) -> None:
        """After an exercise's last test: its state, and the reference in its place where it failed."""
        step = self.steps[place]
        found, task = self.found[step.exercise], self.plan.tasks[step.exercise]
        found.points = sum(one.points for one in found.tests)
        if found.reason:
            for one in found.tests:
                one.score = 0.0
        found.score = sum(one.score for one in found.tests)
        found.on_reference = [name for name in self.found if name in self.replaced and name in self._below(task.name)]
        harmless = found.state in ("syntax", "unwritten")
        if found.reason:
            found.state = "stopped"
        elif found.score == found.points:
            found.state = "passed"
        elif found.score > 0:
            found.state = "partly"
        elif found.state != "unwritten":
            found.state = "unwritten" if found.tests and all(one.unwritten for one in found.tests) else "failed"
        if found.state == "passed":
            return
        self._replace([task.name])
        if place + 1 == len(self.steps):
            return
        if not found.reason and (harmless or await self._no_traces(task)):
            begin = next(i for i, one in enumerate(self.steps) if one.kind == "solution" and one.exercise == task.name)
            if await self._again(begin, place + 1):
                return
        if not await self._replay(place + 1):
            await self._given_failed(place)

    async def _no_traces(self, task: Task) -> bool:
        """Whether all that stood before a failed exercise stands as it did, so that its kernel can be used on."""
        own = stubs.names_of(self._cell(task.name).source, task.name) | self.plan.binds[task.name]
        return (await self.kernel.execute(f"{TRACES}.compare(globals(), {own!r})", TRACES_LIMIT_S, silent=True)).ended == "ok"

    def _below(self, name: str, seen: frozenset = frozenset()) -> set[str]:
        """The exercises that one builds on, and those that they build on."""
        direct = set(self.plan.tasks[name].builds_on) - seen if name in self.plan.tasks else set()
        return direct.union(*(self._below(one, seen | direct | {name}) for one in direct))

    def _cell(self, name: str):
        return next(one for one in self.plan.notebook.cells if is_solution(one) and grade_id(one) == name)

    def _stub(self, name: str) -> str:
        return stubs.plain(stubs.stub(self._cell(name).source, name))

    def _replace(self, names: list[str]) -> None:
        for name in names:
            self.versions[name] = self.plan.tasks[name].reference
            self.replaced.add(name)

    async def _replay(self, upto: int) -> bool:
        """A new kernel, in which the cells before `upto` run again without tests; False where one does not run."""
        await self._close()
        await self._open()
        return await self._again(0, upto)

    async def _again(self, begin: int, upto: int) -> bool:
        """Run the cells from `begin` to before `upto` again, with what stands for each exercise now."""
        for step in self.steps[begin:upto]:
            if step.left_out or (step.kind == "test" and not self.plan.tests[step.name].makes):
                continue
            if step.kind == "test":
                ran = await self.kernel.probe(self.plan.tests[step.name].probe, step.name, self._limit(step))
            else:
                source = self.versions[step.exercise] if step.kind == "solution" else step.source
                ran = await self.kernel.execute(source, self._limit(step), silent=True)
            if not ran.alive and step.kind == "added":
                step.left_out = True
                return await self._replay(upto)
            if not ran.alive or (ran.ended != "ok" and step.kind in ("given", "test")):
                return False
        return True

    def _out_of_time(self, place: int) -> None:
        """The submission's time is up: what was not tested scores 0, and says so."""
        reason = "The submission's time was up: a cell before this took too long."
        for step in self.steps[place:]:
            found = self.found.get(step.exercise)
            if step.kind == "test":
                test = self.plan.tests[step.name]
                found.tests.append(TestResult(test.name, test.title, test.points, 0, stopped=reason))
            if step.last:
                found.state, found.reason, found.score = "stopped", reason, 0.0
                found.points = sum(one.points for one in found.tests)
                for one in found.tests:
                    one.score = 0.0


def _steps(the_plan: Plan, rebuilt: Rebuilt) -> list[Step]:
    """The cells that run, in order; each exercise's last test is marked."""
    steps, here = [], None
    for cell in rebuilt.notebook.cells:
        here = the_plan.owner.get(cell.id, here if cell.id.startswith("added-") else None)
        added = cell.id not in the_plan.seconds and cell.id.startswith("added-")
        if cell.cell_type != "code" or "explore" in tags(cell):
            continue
        kind = "added" if added else "test" if is_graded(cell) else "solution" if is_solution(cell) else "given"
        exercise = None if added and here is None else here
        steps.append(Step(kind, grade_id(cell) or cell.id, cell.source, cell.id, None if added else exercise))
    for step in reversed(steps):
        if step.kind == "test" and not any(one.last for one in steps if one.exercise == step.exercise):
            step.last = True
    return steps


def _sentence(ran: Ran, subject: str = "It") -> str:
    """Why a cell did not come to its end."""
    reason = ran.reason or "its kernel died"
    return f"{subject if subject != 'It' else 'Your code'} was stopped: {reason}."


def _lines(text: str, source: str) -> str:
    """Those of the lines that stand in the student's own text, as `line 3: x = y`: no other line is shown."""
    known = {}
    for number, line in enumerate(source.splitlines(), 1):
        known.setdefault(line.strip(), number)
    went = [one.strip() for one in text.splitlines() if one.strip() in known]
    went = [one for one, before in zip(went, [None, *went], strict=False) if one != before]  # a recursion says the same again
    return "\n".join(f"line {known[one]}: {one}" for one in went[-5:])


def _where(ran: Ran, source: str, close: bool) -> str:
    """Where a solution cell broke, and the error; close: without its own words."""
    name, value, lines = ran.error
    if not name:
        return ""
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for one in lines for line in one.splitlines()]
    plain = [re.sub(r"^\s*(-+>)?\s*\d+\s", "", line) for line in plain if re.match(r"\s*-+>", line)]
    said = f"{name}: {value[:300]}" if not close else name if name in dir(builtins) else ""
    return "\n".join(filter(None, [_lines("\n".join(plain), source), said]))
