"""Real processes that compute together: started, joined by torch.distributed, and ended; each rank's result, or its trouble.

On Linux a rank is forked from the notebook's process, so it sees every function and tensor that the notebook has. Where CUDA is
in use, or on macOS, a forked process must not compute: there a rank is a fresh process, and the function travels by cloudpickle.
"""

import faulthandler
import multiprocessing
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from pathlib import Path

import cloudpickle
import numpy as np
import torch
import torch.distributed as dist

from course import device, waiting
from course.errors import CourseError

GRACE_S = 1.0  # how long the others may go on once a rank has failed: some end by themselves, with errors worth reading


class RanksFailed(CourseError):
    """Not every rank came to its end. `troubles` has a sentence for each rank that did not, `errors` what ranks raised."""

    def __init__(self, message: str, troubles: dict[int, str], errors: dict[int, BaseException]):
        super().__init__(message)
        self.troubles, self.errors = troubles, errors


def run(fn, world_size: int, *args, timeout_s: float = 30.0, backend: str | None = None) -> list:
    """Call fn(rank, world_size, *args) in world_size processes, joined by torch.distributed; return their results by rank.

    backend: "gloo" or "nccl"; None takes nccl where there is a GPU for each rank, else gloo. With nccl, rank i computes on GPU i.
    A rank starts with one thread, with its rank as the seed of every random generator, and with RANK, LOCAL_RANK and WORLD_SIZE
    in its environment, as torchrun sets them. What ranks print comes afterwards, each line behind its rank. Results are
    pickled: return tensors, numbers, strings, or collections of them.

    Raises RanksFailed if a rank raises, dies, or is not done after timeout_s (seconds, from the last rank's start), and on Linux
    sooner where all that are left wait for one another: it names each such rank, with the line where it stopped or waits. No
    process outlives the call. A rank's NotImplementedError, a stub's, comes as itself. ValueError for world_size < 1.
    """
    if world_size < 1:
        raise ValueError(f"world_size is {world_size}: at least one process is needed.")
    backend = backend or ("nccl" if device.has_gpu() and torch.cuda.device_count() >= world_size else "gloo")
    folder = Path(tempfile.mkdtemp(prefix="ranks-"))
    ranks: list = []
    try:
        _start(ranks, fn, world_size, args, folder, backend)
        begin = time.monotonic()
        found, stuck = _follow(ranks, begin + timeout_s, folder)
        return _collect(ranks, found, stuck, folder, time.monotonic() - begin, timeout_s)
    finally:
        for one in ranks:
            one.kill()
            one.join()
            one.close()
        shutil.rmtree(folder, ignore_errors=True)


def _start(ranks, fn, world_size, args, folder, backend):
    """Start the processes; each is in `ranks` from when it runs, so that the caller can end it."""
    forks = sys.platform == "linux" and not torch.cuda.is_initialized() and backend == "gloo"
    context, what = multiprocessing.get_context("fork" if forks else "spawn"), (fn, args)
    if not forks:
        what = cloudpickle.dumps(what)
    if sys.stdout:  # or the ranks would print again what waits in its buffer
        sys.stdout.flush()
    with warnings.catch_warnings():  # Python 3.12 warns of threads; a rank never waits for one of its parent's
        warnings.simplefilter("ignore", DeprecationWarning)
        for rank in range(world_size):
            one = context.Process(target=_rank, args=(rank, world_size, what, str(folder), backend), daemon=True)
            one.start()
            ranks.append(one)


def _rank(rank, world_size, what, folder, backend):
    """One process: joins the others, calls the function, leaves its result or its error in the folder."""
    torch.set_num_threads(1)  # first of all: the parent's OpenMP threads were not copied, and to wait for them is to hang
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its ranks
    folder, parent = Path(folder), os.getppid()
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world_size)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}  # asked for, and not used: the ranks have met in a file
    sys.stdout = sys.stderr = open(folder / f"{rank}.out", "w", buffering=1, encoding="utf-8", errors="replace")  # noqa: SIM115
    faulthandler.register(signal.SIGUSR1, open(folder / f"{rank}.stack", "w"), all_threads=True)  # noqa: SIM115
    for seed in (torch.manual_seed, random.seed, np.random.seed):
        seed(rank)
    try:
        fn, args = cloudpickle.loads(what) if isinstance(what, bytes) else what
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0")
        if backend == "nccl":
            torch.cuda.set_device(rank)
        dist.init_process_group(backend, f"file://{folder}/meeting", rank=rank, world_size=world_size, timeout=timedelta(hours=1))
        found = (True, fn(rank, world_size, *args))
    except BaseException as error:
        found = (False, (error, waiting.where(error)))
    sys.stdout.flush()
    _leave(found, folder / f"{rank}.result")
    while os.getppid() == parent:  # who still waits for this rank should be seen to wait, and not to fail: the parent ends it
        time.sleep(0.05)
    os._exit(0)


def _leave(found, path):
    """Write what a rank found, whole or not at all."""
    try:
        text = pickle.dumps(found)
    except Exception as error:
        ok, value = found
        reason = f"its result cannot be sent back ({error}): return tensors, numbers, strings, or collections of them"
        if not ok:  # an error that cannot be pickled, in words
            reason = f"{type(value[0]).__name__}: {value[0]}"
        text = pickle.dumps((False, (CourseError(reason), "" if ok else value[1])))
    path.with_suffix(".part").write_bytes(text)
    path.with_suffix(".part").rename(path)


def _follow(ranks, deadline, folder):
    """Wait for the ranks till the deadline, not long once one has failed or all wait: what each left, where the others are."""
    waits, found, quiet = dict(enumerate(ranks)), {}, waiting.Quiet()
    while waits and time.monotonic() < deadline:
        time.sleep(0.005)
        for rank, one in list(waits.items()):
            alive = one.is_alive()
            if (folder / f"{rank}.result").exists() or not alive:
                del waits[rank]
                found[rank] = _result(folder, rank)
                if not (found[rank] and found[rank][0]):
                    deadline = min(deadline, time.monotonic() + GRACE_S)
        if waits and quiet(waits.values()):
            places = waiting.places(waits, folder)
            if all(place.startswith(": it waits") for place in places.values()):
                return found, places
    places = waiting.places({rank: one for rank, one in waits.items() if one.is_alive()}, folder)
    found |= {rank: _result(folder, rank) for rank in waits}  # some may have ended just now
    return found, places


def _collect(ranks, found, stuck, folder, waited_s, timeout_s):
    """The results, or RanksFailed with a sentence for each rank that has none. Prints what the ranks printed."""
    results, troubles, errors = [], {}, {}
    for rank, one in enumerate(ranks):
        ok, value = found.get(rank) or (None, None)
        results.append(value)
        if ok is False:
            errors[rank], where = value
            troubles[rank] = f"raised {type(errors[rank]).__name__}{where}: {errors[rank]}"
        elif rank in stuck:
            troubles[rank] = f"was not done{stuck[rank]}"
        elif ok is None:
            one.join()
            code = one.exitcode
            name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            troubles[rank] = f"died ({name})" + (": the machine may have had no memory left" if code == -signal.SIGKILL else "")
    for rank in range(len(ranks)):
        for line in _text(folder / f"{rank}.out").splitlines():
            print(f"rank {rank} | {line}")
    if unwritten := [one for one in errors.values() if isinstance(one, NotImplementedError)]:
        raise unwritten[0]  # a stub is one on every rank
    if troubles:
        if len(stuck) == len(troubles):
            forever = "" if waited_s >= timeout_s else ", and would wait for ever"
            head = f"After {waited_s:.0f} s, {len(stuck)} of {len(ranks)} ranks were not done{forever}; they were stopped:"
        else:
            head = f"{len(troubles)} of {len(ranks)} ranks failed:"
        raise RanksFailed("\n".join([head, *(f"  rank {rank} {what}" for rank, what in troubles.items())]), troubles, errors)
    return results


def _result(folder, rank):
    """(True, what the rank returned), (False, its error), or None while there is neither."""
    path = folder / f"{rank}.result"
    return pickle.loads(path.read_bytes()) if path.exists() else None


def _text(path):
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
