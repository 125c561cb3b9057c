"""Where processes are: whether they wait for one another, in which call, and on which line of the reader's own."""

import contextlib
import linecache
import multiprocessing
import os
import re
import signal
import sys
import time
import traceback
from pathlib import Path

import torch

QUIET_S = 2.0  # ranks that wait for one another this long, none of them at work, will wait for ever
BUSY_TICKS = 10  # hundredths of a second of processor time, within that, that a waiting process may use
RUNNER = str(Path(__file__).with_name("distributed.py"))
_OURS = (str(Path(__file__).parent) + os.sep, str(Path(torch.__file__).parents[1]), str(Path(multiprocessing.__file__).parent))


class Quiet:
    """Whether some processes have done next to nothing for QUIET_S, asked again and again; after a yes, the count begins anew."""

    def __init__(self):
        self.begin = self.asked = time.monotonic()
        self.used, self.seen = None, 0

    def __call__(self, processes) -> bool:
        now = time.monotonic()
        if sys.platform != "linux" or now - self.asked < QUIET_S / 8:
            return False
        self.asked = now
        work = [_work(one.pid) for one in processes]
        used, running = sum(used for used, _ in work), any(running for _, running in work)
        self.seen += running  # on a busy machine a thread may be ready to run, and get no time
        if self.used is None or used - self.used > BUSY_TICKS * len(work) or self.seen > 1:
            self.begin, self.used, self.seen = now, used, 0
        if now - self.begin < QUIET_S:
            return False
        self.used = None
        return True


def _work(pid):
    """The processor time that a process has used, in ticks, and whether one of its threads is running, or could be."""
    used, running = 0, False
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            state, *rest = path.read_text().rpartition(")")[2].split()
            used, running = used + int(rest[10]) + int(rest[11]), running or state in "RD"
    return used, running


def places(ranks, folder):
    """Where each rank is now, in words: all write down their stacks."""
    for one in ranks.values():
        os.kill(one.pid, signal.SIGUSR1)
    if ranks:
        time.sleep(0.2)
    return {rank: _waits(folder / f"{rank}.stack") for rank in ranks}


def where(error):
    """The last line of the reader's own that an error passed through, as ' (line 3: `x = 1 / 0`)'."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith(_OURS)]
    return _line(frames[-1].filename, frames[-1].lineno) if frames else ""


def _waits(path):
    """From a stack that faulthandler wrote: the call that the main thread waits in, and the reader's line that made it."""
    threads = re.split(r"(?m)^(?:Current thread|Thread) ", path.read_text("utf-8", "replace"))
    blocks = [one for one in threads if f'"{RUNNER}"' in one]
    called = None
    for name, line, function in re.findall(r'File "(.+)", line (\d+) in (\S+)', blocks[-1] if blocks else ""):
        if name == RUNNER:
            return "; it had not yet met the others" if function == "_rank" else ""
        if not name.startswith(_OURS):
            called = called or ("wait" if ".wait(" in linecache.getline(name, int(line)) else None)  # of a Work: C++, no frame
            return (f": it waits in {called}" if called else ": it is at work") + _line(name, int(line))
        if "distributed" in name and function != "wrapper":
            called = function
    return ""


def _line(name, number):
    """' (line 3: `x = 1 / 0`)', with the text where it is known."""
    text = linecache.getline(name, number).strip()
    return f" (line {number}: `{text}`)" if text else f" (line {number})"
