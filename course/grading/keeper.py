"""The three processes of a sandbox's world: the keeper outside, the first one inside, and the one that works.

The keeper watches what the world uses and gives its folder back. The first process inside is the keeper's, takes in orphans, and
ends all when the one that works ends; that one has no way to either of them.
"""

import contextlib
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from course.grading import seccomp, spaces
from course.grading.memory import PAUSE_S, PROCESSOR, Watch

BROKEN = 240  # the world could not be made
KILLED = 128 + signal.SIGKILL
ENDED = 128 + signal.SIGTERM  # the caller ended it
ASIDE = 512 << 20  # bytes of addresses


def keep_world(world, work: Callable[[], None], keep: tuple[int, ...]) -> int:
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
    watch = Watch(world.memory_bytes, world.cpu_s, world.disk_bytes, folder, ("/tmp", "/dev/shm"))
    here, there = socket.socketpair()
    first = os.fork()
    if first == 0:
        here.close()
        _first(world, work, user, others, keep, there)
    there.close()
    _close_all_but(here.fileno(), watch.own, *([] if folder is None else [folder]))
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: (ended.append(ENDED), os.kill(first, signal.SIGKILL)))
    end = os.pidfd_open(first)
    if here.recv(1):  # the new root is there, and with it a /proc of this world alone
        while not select.select([end], [], [], PAUSE_S)[0]:
            if over := watch.over():
                ended.append(over)
                os.kill(first, signal.SIGKILL)
                break
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    if folder is not None and user is not None:
        os.fchown(folder, owner.st_uid, owner.st_gid)
    return ended[0] if ended else 128 - code if code < 0 else code


def _first(world, work: Callable[[], None], user: int | None, others: int, keep: tuple[int, ...], keeper: socket.socket):
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
        os.environ.clear()
        spaces.forget_the_start()
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
        spun = spent.ru_utime + spent.ru_stime > world.cpu_s / 2  # the kernel's limit counts ticks, this does not
        if code == -signal.SIGXCPU or (code == -signal.SIGKILL and spun):
            code = PROCESSOR
        elif code < 0:
            code = 128 - code
        elif code >= BROKEN:  # these are not its own to choose
            code = 1
    except BaseException as error:
        complain(error)
    finally:
        os._exit(code)


def _worker(world, work: Callable[[], None], others: int, keep: tuple[int, ...]) -> None:
    """The process that works."""
    code = 1
    try:
        os.setsid()
        _close_all_but(*keep)
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
        complain(error)
    finally:
        os._exit(code & 0xFF)


def complain(error: BaseException) -> None:
    with contextlib.suppress(OSError):
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode(errors="replace"))


def _folder(world) -> int | None:
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


def _limit(world, others: int) -> None:
    """The limits that the kernel holds for each process. Memory counts from what the warm process already maps, and threads set
    more aside than they use; the keeper sees to the rest."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, limit in (
        (resource.RLIMIT_AS, mapped + world.memory_bytes + ASIDE),
        (resource.RLIMIT_NPROC, world.processes + others + 2),  # with the keeper and the first process
        (resource.RLIMIT_FSIZE, world.file_bytes),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (world.cpu_s, world.cpu_s + 1))  # a signal that says why, and then one that kills


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
