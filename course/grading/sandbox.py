"""A small world for a process that is not trusted: Linux namespaces, entered by fork, with no program started in between.

`spawn(world, work)` forks a process in which imports stay warm. It sees a read-only system, the paths it is given and one
folder of its own; it has its own loopback and no other network, its own processes and no others, no capability, no way to a new
user namespace, and limits on memory, processes, files and time. When it ends, everything that it started ends with it.

What this does not stop: bugs of the kernel; reading what `World.read` and the system's own folders hold; using its share of the
processors until its time is up; learning from timing.
"""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
SPACES = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
PDEATHSIG, DUMPABLE, CAPBSET_DROP, NO_NEW_PRIVS = 1, 4, 24, 38
CAP_VERSION_3 = 0x20080522
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM += ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
INSIDE = 1000  # the user's number in there
NOBODY = 65534  # whom a root's submissions run as outside: limits on processes do not hold for root


@dataclass(frozen=True)
class World:
    """What a process gets: `work`, the folder that it may write to and starts in (None: an empty one in memory); `read`, what it
    may read; and its limits."""

    work: Path | None = None
    read: tuple[Path, ...] = ()
    memory_bytes: int = 2 << 30
    processes: int = 64
    file_bytes: int = 64 << 20
    disk_bytes: int = 256 << 20
    cpu_s: int = 600
    environment: dict[str, str] = field(default_factory=dict)


def python_paths() -> tuple[Path, ...]:
    """The folders that this Python and the course's package need to be read from."""
    here = Path(__file__).resolve().parents[1]
    return tuple(dict.fromkeys(Path(one).resolve() for one in (sys.prefix, sys.base_prefix, here) if Path(one).exists()))


def missing() -> str | None:
    """Why no sandbox can be had on this machine, in one sentence that says how to go on; None where one can."""
    if not sys.platform.startswith("linux"):
        return "The sandbox needs Linux: grade there, or in a container, or say --no-sandbox for work that you trust."
    child = os.fork()
    if child == 0:
        try:
            _call("unshare", NEWUSER | NEWNS | NEWPID | NEWNET)
            os._exit(0)
        except OSError:
            os._exit(1)
    if os.waitpid(child, 0)[1] == 0:
        return None
    return (
        "This machine allows no user namespaces, which the sandbox is made of: ask its administrator for them "
        "(sysctl user.max_user_namespaces), or say --no-sandbox for work that you trust."
    )


def spawn(world: World, work: Callable[[], None], keep: tuple[int, ...] = ()) -> int:
    """Fork, and run `work()` in the world; returns the process to wait for, whose exit code is 0 if `work` returned.

    keep: the open files that it takes along besides its output; all others are closed. The caller must have one thread alone.
    To end it all, kill the process returned. CourseError if the folder is not there.
    """
    if world.work is not None and not world.work.is_dir():
        raise CourseError(f"{world.work} is not a folder: make it before a sandbox is given it to work in.")
    keeper = os.fork()
    if keeper:
        return keeper
    code = 125
    try:
        _call("prctl", PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _shed(keep)
        if os.getuid() == 0:
            if world.work is not None:
                os.chown(world.work, NOBODY, NOBODY)
            _call("unshare", SPACES)
        else:
            _new_user(os.getuid(), os.getgid(), SPACES)
        inner = os.fork()
        if inner == 0:
            _live(world, work)
        status = os.waitpid(inner, 0)[1]
        code = os.waitstatus_to_exitcode(status)
        code = 128 - code if code < 0 else code
    except BaseException as error:
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def _shed(keep: tuple[int, ...]) -> None:
    """Let go of what the caller had set up for itself: its open files, its handlers of signals."""
    signal.set_wakeup_fd(-1)
    for one in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(one)):
            signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    below = 3
    for one in sorted({*keep, 1 << 20}):
        os.closerange(below, one)
        below = max(one + 1, 3)


def _live(world: World, work: Callable[[], None]) -> None:
    """The first process of the new world: build it, give up every right, work, end."""
    code = 125
    try:
        _call("prctl", PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _loopback_up()
        _build(world)
        if os.getuid() == 0:  # root builds as root, for it may look where nobody may, and works as nobody
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            _new_user(NOBODY, NOBODY)
        Path("/proc/sys/user/max_user_namespaces").write_text("0")  # this user's own world: no way to new rights
        _limit(world)
        _drop_capabilities()
        os.environ.clear()
        os.environ.update({"HOME": "/home", "PATH": "/usr/bin:/bin", "TMPDIR": "/tmp", "LANG": "C.UTF-8", **world.environment})
        code = 1
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def _new_user(uid: int, gid: int, more: int = 0) -> None:
    """A user namespace, and `more`, in which the user who is `uid` outside is INSIDE."""
    _call("prctl", DUMPABLE, 1, 0, 0, 0)  # a change of user took it away, and with it the maps below
    _call("unshare", NEWUSER | more)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE} {gid} 1")


def _build(world: World) -> None:
    """A new root: a small file system in memory, with what may be read bound read-only into it from the old one."""
    work, read = world.work and world.work.resolve(), [path.resolve() for path in world.read]
    _mount(None, "/", None, REC | PRIVATE)
    _mount("root", "/tmp", "tmpfs", NOSUID | NODEV, "size=16m,mode=755")
    os.mkdir("/tmp/old")
    _pivot("/tmp", "/tmp/old")  # which also takes the new root off the old /tmp
    os.chdir("/")
    # First what is its own, for what it may read can lie below /tmp or /home.
    for name, size in (("/dev/shm", world.memory_bytes), ("/tmp", world.disk_bytes), ("/home", 1 << 20)):
        os.makedirs(name)
        _mount("own", name, "tmpfs", NOSUID | NODEV, f"size={size},mode=1777")
    for path in dict.fromkeys([*SYSTEM, *map(str, read)]):
        if os.path.islink(f"/old{path}"):
            os.symlink(os.readlink(f"/old{path}"), path)
        elif os.path.exists(f"/old{path}"):
            _bind(f"/old{path}", path, RDONLY | NOSUID)
    for name in DEVICES:
        _bind(f"/old/dev/{name}", f"/dev/{name}", NOSUID | NOEXEC)
    if work:
        _bind(f"/old{work}", "/desk", NOSUID | NODEV)
    else:
        os.mkdir("/desk")
        _mount("own", "/desk", "tmpfs", NOSUID | NODEV, f"size={world.disk_bytes},mode=1777")
    os.mkdir("/proc")
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    _call("umount2", b"/old", DETACH)
    os.rmdir("/old")
    _mount(None, "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    os.chdir("/desk")


def _bind(source: str, target: str, flags: int) -> None:
    """Bind source to target, which is made; a bind takes its flags only when it is mounted again."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _mount(source, target, None, BIND | REC)
    locked = os.statvfs(target).f_flag & (RDONLY | NOSUID | NODEV | NOEXEC)  # what holds outside may not be loosened
    _mount(None, target, None, REMOUNT | BIND | flags | locked)


def _limit(world: World) -> None:
    """The limits on each process; memory counts from what the warm process already maps."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, limit in (
        (resource.RLIMIT_AS, mapped + world.memory_bytes),
        (resource.RLIMIT_NPROC, world.processes),
        (resource.RLIMIT_FSIZE, world.file_bytes),
        (resource.RLIMIT_CPU, world.cpu_s),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def _drop_capabilities() -> None:
    for capability in range(41):
        _call("prctl", CAPBSET_DROP, capability, 0, 0, 0)
    header, none = struct.pack("Ii", CAP_VERSION_3, 0), bytes(24)
    _call("capset", ctypes.create_string_buffer(header), ctypes.create_string_buffer(none))
    _call("prctl", NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # again: a change of user has taken it back


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running


def _mount(source, target, kind, flags, options=None) -> None:
    source, target, kind, options = (one.encode() if one else None for one in (source, target, kind, options))
    _call("mount", source, target, kind, flags, options)


def _pivot(new: str, old: str) -> None:
    number = {"x86_64": 155, "aarch64": 41}.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"no sandbox on {os.uname().machine} yet")
    _call("syscall", number, new.encode(), old.encode())


def _call(name: str, *arguments) -> None:
    """A function of the C library; OSError where it says so."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
