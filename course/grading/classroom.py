"""A class at once: submissions are independent jobs on dask.distributed, and one process, this one, writes what comes of them.

A job is bytes in and a result out, so workers share no disk with the grader. A job whose worker is lost runs again elsewhere; one
that brings workers down twice is quarantined. What was graded before, and has not changed, is not run again.
"""

import atexit
import contextlib
import hashlib
import logging
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course import notebooks
from course.errors import CourseError
from course.grading import key, record
from course.grading.engine import Grader, Limits
from course.grading.result import Result
from course.grading.submission import Handed, hand_in, students

LOSSES = 1  # how many workers one submission may bring down and still be tried again
_lock, _graders = threading.Lock(), {}


@dataclass
class Row:
    """One submission's outcome: its feedback page; `kept`: whether an earlier result still stood."""

    student: str
    phase: str
    result: Result
    page: Path
    kept: bool = False


def _grader(limits: Limits, sandbox: bool) -> Grader:
    """This process's grader: a worker keeps its kernels' server from one job to the next."""
    with _lock:
        found = _graders.get((limits, sandbox))
        if found is None or found.server.process.poll() is not None:
            found = _graders[limits, sandbox] = Grader(limits, sandbox).__enter__()
            atexit.register(found.__exit__)
        return found


def grade(material: key.Material, data: bytes, limits: Limits, sandbox: bool = True) -> Result:
    """A job: what a worker does."""
    return _grader(limits, sandbox).grade(material, data)


@contextlib.contextmanager
def client(workers: int | None = None, scheduler: str | None = None):
    """A Dask client: of the cluster at `scheduler`, or of a cluster of this machine's own with so many processes."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise CourseError("Grading a class needs dask: install the course with `pip install -e '.[grading]'`.") from None
    if scheduler:
        try:
            with Client(scheduler, timeout=10, set_as_default=False) as found:
                if not found.scheduler_info()["workers"]:
                    raise CourseError(f"The scheduler at {scheduler} has no workers: start some with `dask worker {scheduler}`.")
                yield found
        except (OSError, TimeoutError, ValueError) as error:
            raise CourseError(f"There is no scheduler at {scheduler} ({error}): start one with `dask scheduler`.") from None
        return
    settings = {
        "distributed.scheduler.allowed-failures": LOSSES,
        "distributed.worker.daemon": False,  # a worker starts processes
        "distributed.nanny.environ": {"OMP_NUM_THREADS": "1"},
        "distributed.admin.tick.limit": "1h",
    }
    with dask.config.set(settings), _deaf(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = LocalCluster(
            n_workers=workers or processors(),
            threads_per_worker=1,
            memory_limit=0,  # the sandbox bounds memory; a worker itself holds little
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
    with cluster, Client(cluster, set_as_default=False) as found:
        yield found


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
        who = f"{student} has" if student else "Nobody has"
        raise CourseError(f"{who} handed in {phase}: put notebooks into {place.submitted}/<student>/{phase}/.")
    material = key.of_phase(place.root, phase)
    tell(len(folders))
    with record.gradebook(place) as book:
        record.known(book, phase)
        waiting = {}
        for name, folder in folders:
            handed = hand_in(folder, phase, name)
            if handed.data is None:
                yield _record(place, book, phase, handed, Result(phase, quarantined=handed.problem))
            elif not force and (found := unchanged(place, phase, handed, material.fingerprint)):
                yield _record(place, book, phase, handed, found, kept=True)
            else:
                waiting[name] = handed
        if not waiting:
            return
        with client(workers, scheduler) as cluster:
            for name, result in _graded(cluster, material, waiting, limits, sandbox):
                yield _record(place, book, phase, waiting[name], result)


def _graded(cluster, material, waiting: dict[str, Handed], limits, sandbox) -> Iterator[tuple[str, Result]]:
    """Each result as it comes; the jobs still to do are called off where the caller stops early."""
    from distributed import KilledWorker, as_completed

    shared = cluster.scatter(material, broadcast=False)
    futures = {
        cluster.submit(grade, shared, handed.data, limits, sandbox, pure=False, key=f"grade-{number}-{os.urandom(6).hex()}"): name
        for number, (name, handed) in enumerate(waiting.items())
    }
    try:
        for future in as_completed(list(futures), loop=cluster.loop):
            name = futures[future]
            try:
                result = future.result()
            except KilledWorker:
                result = Result(material.phase, lost=True, quarantined="It brought down the workers that graded it, twice.")
            except CourseError:
                raise
            except Exception as error:
                reason = f"The grader itself failed on it ({type(error).__name__}: {error})."
                result = Result(material.phase, lost=True, quarantined=reason)
            future.release()
            yield name, result
    finally:
        cluster.cancel(list(futures))


def _record(place, book, phase: str, handed: Handed, result: Result, kept: bool = False) -> Row:
    if not kept:
        result.repairs = handed.repairs + result.repairs
    return Row(handed.student, phase, result, record.record(place, book, handed.student, result, handed.time), kept)


def one_file(path: Path, root: Path | None, sandbox: bool = True) -> tuple[Result, str]:
    """Grade one notebook with no gradebook, for somebody who learns alone; which phase it is, its name or its cells say."""
    from course.grading.reading import MAX_BYTES, Unreadable, read_submission
    from course.grading.submission import read_plain

    root = root or notebooks.find_root(path.resolve().parent)
    try:
        data = read_plain(path, MAX_BYTES)
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror or error}): check the name.") from None
    phase = _phase_of(path, data, root, read_submission, Unreadable)
    with Grader(sandbox=sandbox) as grader:
        return grader.grade(key.of_phase(root, phase), data), phase


def _phase_of(path: Path, data: bytes, root: Path, read_submission, unreadable) -> str:
    """The phase that a notebook belongs to."""
    known = notebooks.choose(root)
    if named := [phase for phase in known if phase in path.stem.lower()]:
        return named[0]
    try:
        names = {cell.grade_id for cell in read_submission(data)}
    except unreadable as problem:
        raise CourseError(f"{path}: {problem}") from None
    found = {phase: len(names & {one.name for one in notebooks.exercises(notebooks.source(root, phase))}) for phase in known}
    best = max(found, key=found.get, default=None)
    if not best or not found[best]:
        raise CourseError(f"{path} holds no exercise of this course: give it a phase's name ({', '.join(known)}).")
    return best
