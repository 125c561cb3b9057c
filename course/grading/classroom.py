"""A class at once: submissions are independent jobs on dask.distributed, and one process, this one, writes what comes of them.

A job is bytes in and a result out, so workers share no disk with the grader. A job whose worker is lost runs again elsewhere; one
that brings workers down twice is quarantined. What was graded before, and has not changed, is not run again.
"""

import asyncio
import atexit
import contextlib
import hashlib
import logging
import os
import queue
import re
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from course import notebooks
from course.errors import CourseError
from course.grading import key, record, warm
from course.grading.engine import MODULES, Grader, Limits
from course.grading.plan import imports, plan
from course.grading.reading import MAX_BYTES, Cell, Unreadable, read_submission
from course.grading.result import Result
from course.grading.sandbox import clean
from course.grading.submission import Handed, hand_in, read_plain, students

CONNECT_S, POLL_S, PATIENCE_S = 10, 2, 60
# What a worker begins with, those that are started again as well: Ctrl-C is not for it, its files go into the cluster's folder.
BEGIN = "import signal, tempfile; signal.signal(signal.SIGINT, signal.SIG_IGN); tempfile.tempdir = {!r}\n"
BEGIN += "from course.grading import lean; lean.trim()"
KILLER = "It brought down the workers that graded it, twice."
GO_ON = "what was graded is recorded, and the same command goes on from there."
_lock, _graders = threading.Lock(), {}


@dataclass
class Row:
    """One submission's outcome: its feedback page, if it could have one; `kept`: whether an earlier result still stood."""

    student: str
    phase: str
    result: Result
    page: Path | None
    kept: bool = False


def grader(limits: Limits, sandbox: bool = True, modules: tuple[str, ...] = (), address: str | None = None) -> Grader:
    """This process's grader: a worker keeps its kernels' server from one job to the next, or uses the one at `address`."""
    given = limits, sandbox, modules, address
    with _lock:
        found = _graders.get(given)
        if found is None or not found.alive:
            shared = address if address and warm.serves(address) else None
            found = _graders[given] = Grader(limits, sandbox, shared, modules).__enter__()
            atexit.register(found.__exit__)
        return found


def grade(material: key.Material, data: bytes, limits: Limits, sandbox: bool = True, address: str | None = None) -> Result:
    """A job: what a worker does. A failure of the grader's own travels as data: not every exception can."""
    try:
        return grader(limits, sandbox, imports(material), address).grade(material, data)
    except CourseError:
        raise
    except Exception as error:
        return _failed(material.phase, error)


def _failed(phase: str, error: Exception) -> Result:
    return Result(phase, lost=True, quarantined=f"The grader itself failed on it ({type(error).__name__}: {str(error)[:300]}).")


@contextlib.contextmanager
def client(workers: int | None = None, scheduler: str | None = None):
    """A Dask client: of the cluster at `scheduler`, or of a cluster of this machine's own with so many processes."""
    try:
        import dask  # noqa: F401
        import distributed  # noqa: F401
    except ImportError:
        raise CourseError("Grading a class needs dask: install the course with `pip install -e '.[grading]'`.") from None
    with _remote(scheduler) if scheduler else _local(workers or processors()) as found:
        yield found


@contextlib.contextmanager
def _remote(scheduler: str):
    """A client of somebody's cluster."""
    from distributed import Client

    start = f"start one with `dask scheduler`, and workers with `dask worker {scheduler}`"
    with _quiet():
        try:
            _knock(scheduler)
            found = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise CourseError(f"There is no scheduler at {scheduler} ({reason}): {start}.") from None
        with found:
            if not found.nthreads():
                raise CourseError(f"The scheduler at {scheduler} has no workers: start some with `dask worker {scheduler}`.")
            yield found


def _knock(scheduler: str) -> None:
    """OSError, TimeoutError or ValueError where no scheduler answers: a client itself would wait for ever on a silent port."""

    async def knock():
        from distributed.core import rpc

        async with asyncio.timeout(CONNECT_S), rpc(scheduler, timeout=CONNECT_S) as remote:
            await remote.identity()

    asyncio.run(knock())


@contextlib.contextmanager
def _local(workers: int):
    """A client of a cluster of this machine's own, whose files are in one folder, and gone when it ends."""
    import dask
    from distributed import Client, LocalCluster

    folder = tempfile.mkdtemp(prefix="class-")
    settings = {
        "distributed.worker.daemon": False,  # a worker starts processes
        "distributed.worker.preload": [*dask.config.get("distributed.worker.preload", []), BEGIN.format(folder)],
        "temporary-directory": folder,
        "distributed.admin.tick.limit": "1h",
        "distributed.worker.profile.enabled": False,
    }
    try:
        with _quiet():
            with dask.config.set(settings), _deaf(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,  # the sandbox bounds memory; a worker itself holds little
                    security=True,  # whoever can speak to a scheduler can run code as its owner
                    dashboard_address=None,
                    local_directory=folder,
                    silence_logs=logging.CRITICAL,
                )
            with cluster, Client(cluster, set_as_default=False) as found:
                yield found
    finally:
        _remove(Path(folder))


def _remove(folder: Path) -> None:
    """Remove the workers' folder; what they started may take a moment longer than they to end."""
    for _ in range(50):
        try:
            clean(folder)
            return
        except OSError:
            time.sleep(0.1)


@contextlib.contextmanager
def _quiet():
    """Dask's own words about connections stay away: what there is to say is said in a sentence."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    levels = [one.level for one in loggers]  # each has one of its own
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _deaf():
    """Processes started here do not hear Ctrl-C: it is for this one, which then ends them in order."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)


def unchanged(place: record.Course, phase: str, handed: Handed, mark: str) -> Result | None:
    """The result of an earlier grading of this very file by this very course."""
    found = record.read(place, phase, handed.student)
    same = found and handed.data is not None and found.submission == hashlib.sha256(handed.data).hexdigest()
    return found if same and found.fingerprint == mark and not found.lost else None


def run(
    place: record.Course,
    phase: str,
    student: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    sandbox: bool = True,
    limits: Limits | None = None,
    tell: Callable[[int], None] = lambda total: None,
) -> Iterator[Row]:
    """Grade what was handed in for a phase, and record each result as it comes; `tell` hears how many there are."""
    limits = limits or Limits()
    folders = list(students(place.submitted, phase, student))
    if not folders:
        who = f"{student} has not" if student else "Nobody has"
        raise CourseError(f"{who} handed in {phase}: put notebooks into {place.submitted}/<student>/{phase}/.")
    tell(len(folders))
    with record.gradebook(place) as book:
        record.known(book, phase)
        material, waiting = key.of_phase(place.root, phase), {}
        for name, folder in folders:
            handed = hand_in(folder, phase, name)
            if problem := record.unusable(name):
                yield Row(name, phase, Result(phase, quarantined=problem), None)
            elif handed.data is None:
                yield _record(place, book, phase, handed, Result(phase, quarantined=handed.problem))
            elif not force and (found := unchanged(place, phase, handed, material.fingerprint)):
                yield _record(place, book, phase, handed, found, kept=True)
            else:
                waiting[name] = handed
        if not waiting:
            return
        with contextlib.ExitStack() as stack:
            server = None
            if sandbox and not scheduler:  # the workers of this machine share one, which imports while they start
                server = warm.Warm((*MODULES, *imports(material))).start()
                stack.callback(server.__exit__)
            cluster = stack.enter_context(client(workers, scheduler))
            rest = limits, sandbox, server and server.ready()
            for name, result in _graded(cluster, material, waiting, *rest):
                yield _record(place, book, phase, waiting[name], result)


class _Jobs:
    """The jobs that are out; a lost worker's count as lost at once, whatever the scheduler's own policy is."""

    def __init__(self, cluster, material, *rest):
        self.cluster, self.material, self.rest = cluster, material, rest
        self.out, self.done, self.empty = {}, queue.Queue(), 0.0
        self.share()

    def share(self) -> None:
        """The material, sent once; as a task, so that it is made again where the worker that holds it is lost.

        Every worker there is gets ready at once, each with a copy.
        """
        self.shared = self.cluster.submit(_same, self.material, pure=False)
        submit = self.cluster.submit
        self.ready = [submit(_begin, self.shared, *self.rest, pure=False, workers=[one]) for one in self.cluster.nthreads()]

    def start(self, handed: Handed) -> None:
        name = f"grade-{os.urandom(12).hex()}"
        future = self.cluster.submit(grade, self.shared, handed.data, *self.rest, pure=False, key=name)
        self.out[future.key] = handed.student, future
        _watch(self.cluster, future.key)
        future.add_done_callback(self.done.put)

    def room(self) -> int:
        """How many jobs may be out: no more than are run, so that a lost worker takes no waiting ones along."""
        return max(1, sum(self.cluster.nthreads().values()))

    def next(self) -> tuple[str, Result | None]:
        """The next one that ended: whose, and its result; None where its worker was lost."""
        from distributed import KilledWorker

        while True:
            try:
                future = self.done.get(timeout=POLL_S)
                break
            except queue.Empty:
                self._look()
        name, _ = self.out.pop(future.key)
        try:
            return name, future.result()
        except KilledWorker:
            return name, None
        except CourseError:
            raise
        except CancelledError:
            raise CourseError(f"The connection to the scheduler was lost: {GO_ON}") from None
        except Exception as error:
            return name, _failed(self.material.phase, error)
        finally:
            future.release()

    def _look(self) -> None:
        """CourseError where there are no workers any more, and none comes."""
        now = time.monotonic()
        try:
            there = self.cluster.nthreads()
        except (OSError, TimeoutError):
            there = {}
        self.empty = 0.0 if there else self.empty or now
        if self.empty and now - self.empty > PATIENCE_S:
            raise CourseError(f"There are no workers any more: start some; {GO_ON}")

    def call_off(self) -> None:
        with contextlib.suppress(OSError, TimeoutError, CancelledError):
            self.cluster.cancel([future for _, future in self.out.values()])


def _same(material):
    return material


def _begin(material: key.Material, limits: Limits, sandbox: bool, address: str | None) -> None:
    """What a worker does before its first job; where it fails, that job says why."""
    with contextlib.suppress(Exception):
        plan(material)
        grader(limits, sandbox, imports(material), address)


def _watch(cluster, key: str) -> None:
    """Have the scheduler report a job's worker as lost the first time, not after several, and no other's job."""

    async def mark(dask_scheduler, key):
        for _ in range(100):  # the job itself may come after this
            if task := dask_scheduler.tasks.get(key):
                task.suspicious = dask_scheduler.allowed_failures
                return
            await asyncio.sleep(0.01)

    with contextlib.suppress(Exception):  # a scheduler that runs no such functions tries more workers, and then reports it
        cluster.run_on_scheduler(mark, key=key)


def _graded(cluster, material, waiting: dict[str, Handed], *rest) -> Iterator[tuple[str, Result]]:
    """Each result as it comes; the jobs still to do are called off where the caller stops early.

    What was on a worker that was lost is run again at the end, one alone at a time: the one that then brings a worker down is
    to blame.
    """
    jobs, left, suspects, alone = _Jobs(cluster, material, *rest), list(waiting)[::-1], [], False

    def fill() -> None:
        while left and len(jobs.out) < jobs.room():
            jobs.start(waiting[left.pop()])

    try:
        while left or suspects or jobs.out:
            fill()
            if not jobs.out:
                alone = True
                jobs.share()
                jobs.start(waiting[suspects.pop(0)])
            name, result = jobs.next()
            if result is None and not alone:
                suspects.append(name)
                continue
            fill()  # no worker waits while this one is written down
            yield name, result or Result(material.phase, lost=True, quarantined=KILLER)
    finally:
        jobs.call_off()


def _record(place, book, phase: str, handed: Handed, result: Result, kept: bool = False) -> Row:
    if not kept:
        result.repairs = handed.repairs + result.repairs
    return Row(handed.student, phase, result, record.record(place, book, handed.student, result, handed.time), kept)


def one_file(path: Path, root: Path | None, sandbox: bool = True) -> tuple[Result, str]:
    """Grade one notebook with no gradebook, for somebody who learns alone; which phase it is, its name or its cells say.

    root: the course's folder; by default the one that the file lies in, or the one that this process is in. CourseError where
    the file cannot be graded.
    """
    try:
        data = read_plain(path, MAX_BYTES)
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror or error}): check the name.") from None
    root = root or _root(path)
    try:
        phase = _phase_of(path, read_submission(data), root)
    except Unreadable as problem:
        raise CourseError(f"{path} could not be graded: {problem}") from None
    material = key.of_phase(root, phase)
    with Grader(sandbox=sandbox, modules=imports(material)) as grader:
        result = grader.grade(material, data)
    if result.quarantined:
        raise CourseError(f"{path} could not be graded: {result.quarantined}")
    return result, phase


def _root(path: Path) -> Path:
    """The course that the file lies in, or else the one here: a notebook may have been saved anywhere."""
    try:
        return notebooks.find_root(path.resolve().parent)
    except CourseError:
        return notebooks.find_root()


def _phase_of(path: Path, cells: list[Cell], root: Path) -> str:
    """The phase that a notebook belongs to."""
    known = notebooks.choose(root)
    if len(named := [phase for phase in known if re.search(rf"(?<![a-z]){re.escape(phase)}(?![a-z])", path.stem.lower())]) == 1:
        return named[0]
    names = {cell.grade_id for cell in cells}
    found = {phase: len(names & {one.name for one in notebooks.exercises(notebooks.source(root, phase))}) for phase in known}
    best = max(found, key=found.get, default=None)
    if not best or not found[best]:
        raise CourseError(f"{path} holds no exercise of this course: give it a phase's name ({', '.join(known)}).")
    return best
