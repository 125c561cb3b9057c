"""A small world for a process that is not trusted: Linux namespaces, entered by fork, with no program started in between.

`spawn(world, work)` forks a process in which imports stay warm. It sees a read-only system, the paths it is given and one
folder of its own; it has its own loopback and no other network, its own processes and no others, no capability, no way to a new
user namespace, few of the kernel's calls, and limits on memory, processes, files and time, which hold for it and all that it
starts together. When it ends, everything that it started ends with it.

What this does not stop: bugs of the kernel in the calls that are left; reading what `World.read`, Python's folders and the
system's own hold, and what the memory of the process held that it was forked from; memory of the kernel's own (buffers of pipes
and sockets, within the limits on open files and processes); using its share of the processors until its time is up; learning
from timing, and from /proc where on the disk its folders lie. Files that were deleted while open are not seen on a kept folder.
"""

import contextlib
import os
import secrets
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError
from course.grading import spaces
from course.grading.keeper import BROKEN, ENDED, KILLED, complain, keep_world
from course.grading.memory import DISK, MEMORY, PROCESSOR

REASONS = {
    BROKEN: "the sandbox could not be set up",
    MEMORY: "it used more memory than it may",
    PROCESSOR: "it computed for longer than it may",
    DISK: "it wrote more to the disk than it may",
    KILLED: "it was killed",
    ENDED: "it was ended",
}


@dataclass(frozen=True)
class World:
    """What a process gets. `work`: the folder that it starts in and may write to (None: an empty one in memory). `kept`: whether
    what it writes stays there; else it can read what lies in `work`, writes into memory, and has of the disk only `.sockets`,
    if `work` holds such a folder. `read`: what it may read besides. The limits are for all of its processes together, but for
    file_bytes, the size of one file. disk_bytes: files, in memory or kept, but for /dev/shm, which memory_bytes limits.
    """

    work: Path | None = None
    read: tuple[Path, ...] = ()
    memory_bytes: int = 2 << 30
    processes: int = 64
    file_bytes: int = 64 << 20
    disk_bytes: int = 256 << 20
    cpu_s: int = 600
    environment: dict[str, str] = field(default_factory=dict)
    kept: bool = True


def python_paths() -> tuple[Path, ...]:
    """The folders that this Python and the course's package need to be read from."""
    folders = (sys.prefix, sys.base_prefix, Path(__file__).parents[1])
    return tuple(dict.fromkeys(Path(os.path.realpath(one)) for one in folders if os.path.exists(one)))


def data_paths() -> tuple[Path, ...]:
    """The folder of the course's fetched data, to be read inside where COURSE_CACHE names it; nothing if there is none."""
    from course.data import cache_folder

    folder = cache_folder()
    return (folder.resolve(),) if os.path.isdir(folder) else ()


def reason(code: int) -> str:
    """Why a world ended, from its exit code: a few words that follow "the kernel ended:"."""
    if code < 0:
        code = 128 - code
    if known := REASONS.get(code):
        return known
    if 128 < code <= 128 + signal.NSIG:
        with contextlib.suppress(ValueError):
            return f"it crashed ({signal.Signals(code - 128).name})"
    return "it ended" if code == 0 else f"it ended with exit code {code}"


def missing() -> str | None:
    """Why no sandbox can be had on this machine, in one sentence that says how to go on; None where one can."""
    if not sys.platform.startswith("linux"):
        return "The sandbox needs Linux: grade there, or in a container, or say --no-sandbox for work that you trust."
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(said, 2)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(spawn(World(), lambda: None), 0)[1]) & 0xFF)
    os.close(said)
    with open(heard, errors="replace") as stream:
        why = stream.read().strip().removeprefix("sandbox: ")
    if os.waitpid(child, 0)[1] == 0:
        return None
    return (
        f"This machine allows no user namespaces, which the sandbox is made of ({why or 'no reason was given'}): ask its "
        "administrator for them (sysctl user.max_user_namespaces), or say --no-sandbox for work that you trust."
    )


def spawn(world: World, work: Callable[[], None], keep: tuple[int, ...] = ()) -> int:
    """Fork, and run `work()` in the world; returns the process to wait for, whose exit code is 0 if `work` returned.

    keep: the open files that it takes along besides its output; all others are closed. The caller must have one thread alone.
    To end it all, send SIGTERM to the process returned (SIGKILL ends it too, but gives the folder back to nobody); CourseError
    if the folder is not there. Codes from 240 on are this module's, see `reason`.
    """
    if world.work is not None and not world.work.is_dir():
        raise CourseError(f"{world.work} is not a folder: make it before a sandbox is given it to work in.")
    parent = os.getpid()
    keeper = os.fork()
    if keeper:
        return keeper
    code = BROKEN
    try:
        spaces.die_with_parent()
        if os.getppid() == parent:
            code = keep_world(world, work, keep)
    except BaseException as error:
        complain(error)
    finally:
        os._exit(code)


def clean(folder: Path) -> None:
    """Remove a folder in which a world has ended, whatever was made in it: closed folders, very deep ones, very many files.

    Links are removed and not followed. Folders are brought up to the top before they are emptied, so that depth does not matter.
    """
    if os.path.lexists(folder) and not stat.S_ISDIR(os.lstat(folder).st_mode):
        os.unlink(folder)
        return
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except PermissionError:
        os.chmod(folder, 0o700)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        os.fchmod(top, 0o700)
        mark, number = secrets.token_hex(8), 0
        while names := os.listdir(top):
            for name in names:
                if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
                    os.unlink(name, dir_fd=top)
                    continue
                os.chmod(name, 0o700, dir_fd=top)
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
                try:
                    for below in os.listdir(inner):
                        if stat.S_ISDIR(os.stat(below, dir_fd=inner, follow_symlinks=False).st_mode):
                            os.chmod(below, 0o700, dir_fd=inner)
                            number += 1
                            os.rename(below, f".{mark}-{number}", src_dir_fd=inner, dst_dir_fd=top)
                        else:
                            os.unlink(below, dir_fd=inner)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(folder)
