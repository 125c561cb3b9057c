"""A small world for a process that is not trusted: Linux namespaces, entered by fork, with no program started in between.

`spawn(world, work)` forks a process in which imports stay warm. It sees a read-only system, the paths it is given and one
folder of its own; it has its own loopback and no other network, its own processes and no others, no capability, no way to a new
user namespace, few of the kernel's calls, and limits on memory, processes, files and time, which hold for it and all that it
starts together. When it ends, everything that it started ends with it.

Three processes make a world. The keeper, outside, watches what it uses and gives its folder back. The first process inside is
the keeper's, takes in orphans, and ends all when the third one ends, which is the one that works.

What this does not stop: bugs of the kernel in the calls that are left; reading what `World.read`, Python's folders and the
system's own hold, and what the memory of the process held that it was forked from; memory of the kernel's own (buffers of pipes
and sockets, within the limits on open files and processes); using its share of the processors until its time is up; learning
from timing, and from /proc where on the disk its folders lie. Files that were deleted while open are not seen on a kept folder.
"""

import contextlib
import os
import resource
import secrets
import select
import signal
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError
from course.grading import seccomp, spaces
from course.grading.memory import DISK, MEMORY, PAUSE_S, PROCESSOR, Watch

BROKEN = 240  # the world could not be made
KILLED = 128 + signal.SIGKILL
ENDED = 128 + signal.SIGTERM  # the caller ended it
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
    here = Path(__file__).resolve().parents[1]
    return tuple(dict.fromkeys(Path(one).resolve() for one in (sys.prefix, sys.base_prefix, here) if Path(one).exists()))


def data_paths() -> tuple[Path, ...]:
    """The folder of the course's fetched data, to be read inside where COURSE_CACHE names it; nothing if there is none."""
    from course.data import cache_folder

    folder = cache_folder()
    return (folder.resolve(),) if folder.is_dir() else ()


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
            code = _keep(world, work, keep)
    except BaseException as error:
        _complain(error)
    finally:
        os._exit(code)


def _keep(world: World, work: Callable[[], None], keep: tuple[int, ...]) -> int:
    """The keeper: make the first process, watch until it ends, and say how."""
    _shed(keep)
    os.setsid()  # signals to a process group shall not leave the world, nor come from a terminal
    user = spaces.outside_user(Path("/proc/self/uid_map").read_text(), os.getpid()) if os.getuid() == 0 else None
    folder = _folder(world)
    owner = os.fstat(folder) if folder is not None else None
    others = _processes_of(os.getuid() if user is None else user)
    if user is None:
        spaces.new_user(os.getuid(), os.getgid(), spaces.SPACES)
    else:
        if folder is not None:
            os.fchown(folder, user, user)
        spaces.call("unshare", spaces.SPACES)
    here, there = socket.socketpair()
    first = os.fork()
    if first == 0:
        here.close()
        _first(world, work, user, others, keep, there)
    there.close()
    _close_all_but(here.fileno(), *([] if folder is None else [folder]))
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: (ended.append(ENDED), os.kill(first, signal.SIGKILL)))
    end = os.pidfd_open(first)
    if here.recv(1):  # the new root is there, and with it a /proc of this world alone
        watch = Watch(world.memory_bytes, world.cpu_s, world.disk_bytes, folder, ("/tmp", "/dev/shm"))
        while not select.select([end], [], [], PAUSE_S)[0]:
            if over := watch.over():
                ended.append(over)
                os.kill(first, signal.SIGKILL)
                break
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    if folder is not None and user is not None:
        os.fchown(folder, owner.st_uid, owner.st_gid)
    return ended[0] if ended else 128 - code if code < 0 else code


def _first(world: World, work: Callable[[], None], user: int | None, others: int, keep: tuple[int, ...], keeper: socket.socket):
    """The first process of the new world: build it, give up every right, start the one that works, and end when that ends."""
    code = BROKEN
    try:
        spaces.die_with_parent()
        spaces.loopback_up()
        spaces.build(world.work, world.kept, list(world.read), world.memory_bytes, world.disk_bytes)
        if user is not None:  # root builds as root, for it may look where nobody may, and works as somebody else
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            spaces.new_user(user, user)
        Path("/proc/self/oom_score_adj").write_text("1000")
        Path("/proc/sys/user/max_user_namespaces").write_text("0")  # this user's own world: no way to new rights
        spaces.drop_capabilities()
        spaces.die_with_parent()
        keeper.sendall(b"+")  # and an error if it ended before it could take this process along
        worker = os.fork()
        if worker == 0:
            _worker(world, work, others, keep)
        _close_all_but()
        spaces.call("prctl", spaces.DUMPABLE, 0, 0, 0, 0)  # its memory and all that it was started with is nobody's to read
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        process = status = None
        while process != worker:
            process, status, spent = os.wait3(0)
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and spent.ru_utime + spent.ru_stime >= world.cpu_s:
            code = PROCESSOR
        elif code < 0:
            code = 128 - code
        elif code >= BROKEN:  # these are not its own to choose
            code = 1
    except BaseException as error:
        _complain(error)
    finally:
        os._exit(code)


def _worker(world: World, work: Callable[[], None], others: int, keep: tuple[int, ...]) -> None:
    """The process that works."""
    code = 1
    try:
        os.setsid()
        _close_all_but(*keep)
        os.environ.clear()
        spaces.forget_the_start()
        os.environ.update({"HOME": "/home", "PATH": "/usr/bin:/bin", "TMPDIR": "/tmp", "LANG": "C.UTF-8", **world.environment})
        _limit(world, others)
        if os.path.exists(spaces.LANE):
            seccomp.only_sockets_but_in(spaces.OWN, spaces.LANE)
        seccomp.apply()
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        _complain(error)
    finally:
        os._exit(code & 0xFF)


def _complain(error: BaseException) -> None:
    with contextlib.suppress(OSError):
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode(errors="replace"))


def _folder(world: World) -> int | None:
    """The folder on the disk that the world may write to, open."""
    if world.work is None:
        return None
    path = world.work if world.kept else world.work / spaces.SOCKETS
    if not world.kept and (path.is_symlink() or not path.is_dir()):
        return None
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | (0 if world.kept else os.O_NOFOLLOW))


def _shed(keep: tuple[int, ...]) -> None:
    """Let go of what the caller had set up for itself: its open files, its handlers of signals."""
    signal.set_wakeup_fd(-1)
    for one in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(one)):
            signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    _close_all_but(*keep)


def _close_all_but(*keep: int) -> None:
    """Of the open files, from the fourth on."""
    start = 3
    for one in sorted({number for number in keep if number > 2} | {1 << 20}):
        os.closerange(start, one)
        start = one + 1


def _limit(world: World, others: int) -> None:
    """The limits that the kernel holds for each process; memory counts from what the warm process already maps."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, limit in (
        (resource.RLIMIT_AS, mapped + world.memory_bytes),
        (resource.RLIMIT_NPROC, world.processes + others + 2),  # with the keeper and the first process
        (resource.RLIMIT_FSIZE, world.file_bytes),
        (resource.RLIMIT_CPU, world.cpu_s),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def _processes_of(user: int) -> int:
    """How many processes and threads of the user's count towards the limit inside: none since Linux 5.14, all before."""
    if tuple(map(int, os.uname().release.split("-")[0].split(".")[:2])) >= (5, 14):
        return 0
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == user:
                count += len(os.listdir(path / "task"))
    return count


def clean(folder: Path) -> None:
    """Remove a folder in which a world has ended, whatever was made in it: closed folders, very deep ones, very many files.

    Links are removed and not followed. Folders are brought up to the top before they are emptied, so that depth does not matter.
    """
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
