"""The rooms that the sandbox is made of: a new user, a new root of small file systems, a loopback, and no rights."""

import ctypes
import errno
import fcntl
import os
import signal
import socket
import stat
import struct
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
SPACES = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
PDEATHSIG, DUMPABLE, CAPBSET_DROP, NO_NEW_PRIVS = 1, 4, 24, 38
CAP_VERSION_3 = 0x20080522
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM += ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
HIDDEN = ("cmdline", "keys", "key-users", "kallsyms", "modules", "diskstats", "partitions", "swaps")  # of /proc
INSIDE = 1000  # the user's number in there
DESK, LANE, SOCKETS = "/desk", "/sockets", ".sockets"
OWN = ("/tmp", "/home", DESK, "/dev/shm")  # what it may write to, where it has them of its own
FILES = 1 << 16  # as many it may make in memory


def outside_user(mapped: str, process: int) -> int | None:
    """Whom a root's submission runs as outside: a number that no user has and no other world. None if root has no number to give.

    mapped: what /proc/self/uid_map says. process: a process of this world, whose number is its own while it lives.
    """
    ranges = [(int(line.split()[0]), int(line.split()[2])) for line in mapped.splitlines()]
    for first, count in ((0x70000000, 1 << 22), (40000, 20000)):
        if any(start <= first and first + count <= start + size for start, size in ranges):
            return first + process % count
    return None


def new_user(uid: int, gid: int, more: int = 0) -> None:
    """A user namespace, and `more`, in which the user who is `uid` outside is INSIDE."""
    call("prctl", DUMPABLE, 1, 0, 0, 0)  # a change of user took it away, and with it the maps below
    call("unshare", NEWUSER | more)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE} {gid} 1")


def build(work: Path | None, kept: bool, read: list[Path], memory_bytes: int, disk_bytes: int) -> None:
    """A new root: a small file system in memory, with what may be read bound read-only into it from the old one.

    The folder `work` is the desk if it is `kept`; else the desk is in memory, what lies in `work` can be read there, and of its
    own only the folder of sockets is written to.
    """
    work = work and work.resolve()
    mount(None, "/", None, REC | PRIVATE)
    mount("root", "/tmp", "tmpfs", NOSUID | NODEV, "size=16m,nr_inodes=16k,mode=755")
    os.mkdir("/tmp/old")
    _pivot("/tmp", "/tmp/old")  # which also takes the new root off the old /tmp
    os.chdir("/")
    # First what is its own, for what it may read can lie below /tmp or /home.
    os.makedirs("/dev/shm")
    mount("own", "/dev/shm", "tmpfs", NOSUID | NODEV, f"size={memory_bytes},nr_inodes={FILES},mode=1777")
    os.mkdir("/own")
    mount("own", "/own", "tmpfs", NOSUID | NODEV, f"size={disk_bytes},nr_inodes={FILES},mode=755")
    for name in ("/tmp", "/home", DESK):
        os.mkdir(f"/own{name}")
        os.chmod(f"/own{name}", 0o1777)
        os.mkdir(name)
        mount(f"/own{name}", name, None, BIND)
        mount(None, name, None, REMOUNT | BIND | NOSUID | NODEV)
    call("umount2", b"/own", DETACH)
    os.rmdir("/own")
    for path in dict.fromkeys([*SYSTEM, *map(os.path.realpath, read)]):
        if os.path.islink(f"/old{path}"):
            os.symlink(os.readlink(f"/old{path}"), path)
        elif os.path.exists(f"/old{path}"):
            _bind(f"/old{path}", path, RDONLY | NOSUID)
    for name in DEVICES:
        _bind(f"/old/dev/{name}", f"/dev/{name}", NOSUID | NOEXEC)
    if work and kept:
        _bind(f"/old{work}", DESK, NOSUID | NODEV)
    elif work:
        _lay_out(f"/old{work}")
    os.mkdir("/proc")
    mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    for name in HIDDEN:
        if os.path.exists(f"/proc/{name}"):
            mount("/dev/null", f"/proc/{name}", None, BIND)
    call("umount2", b"/old", DETACH)
    os.rmdir("/old")
    mount(None, "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    os.chdir(DESK)


def _lay_out(work: str) -> None:
    """What lies in the folder `work`, on a desk in memory; links are left out, for they could lead anywhere."""
    for name in os.listdir(work):
        kind = os.lstat(f"{work}/{name}").st_mode
        if name == SOCKETS and stat.S_ISDIR(kind):
            _bind(f"{work}/{name}", LANE, NOSUID | NODEV | NOEXEC)
            os.symlink(LANE, f"{DESK}/{SOCKETS}")
        elif stat.S_ISDIR(kind) or stat.S_ISREG(kind):
            _bind(f"{work}/{name}", f"{DESK}/{name}", RDONLY | NOSUID | NODEV)


def _bind(source: str, target: str, flags: int) -> None:
    """Bind source to target, which is made; a bind takes its flags only when it is mounted again."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    mount(source, target, None, BIND | REC)
    locked = os.statvfs(target).f_flag & (RDONLY | NOSUID | NODEV | NOEXEC)  # what holds outside may not be loosened
    mount(None, target, None, REMOUNT | BIND | flags | locked)


def drop_capabilities() -> None:
    for capability in range(41):
        call("prctl", CAPBSET_DROP, capability, 0, 0, 0)
    header, none = struct.pack("Ii", CAP_VERSION_3, 0), bytes(24)
    call("capset", ctypes.create_string_buffer(header), ctypes.create_string_buffer(none))
    call("prctl", NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with_parent() -> None:
    """A change of user takes it back."""
    call("prctl", PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forget_the_start() -> None:
    """Blank the words and the environment that this process's program was started with, which /proc would show inside."""
    fields = Path("/proc/self/stat").read_bytes().rsplit(b")", 1)[1].split()
    words, end_of_words, environment, end = map(int, fields[45:49])
    for start, stop in ((words, end_of_words), (environment, end)):
        if 0 < start < stop:
            ctypes.memset(start, 0, stop - start)


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running


def mount(source, target, kind, flags, options=None) -> None:
    source, target, kind, options = (one.encode() if one else None for one in (source, target, kind, options))
    call("mount", source, target, kind, flags, options)


def _pivot(new: str, old: str) -> None:
    number = {"x86_64": 155, "aarch64": 41}.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"no sandbox on {os.uname().machine} yet")
    call("syscall", number, new.encode(), old.encode())


def call(name: str, *arguments) -> None:
    """A function of the C library; OSError where it says so."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
