"""The sandbox, held from inside: each test runs what a submission might, and reads back what came of it."""

import encodings.idna  # noqa: F401 (sockets want it, and inside there is nothing to import from)
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading import sandbox

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux") or bool(sandbox.missing()), reason="no namespaces here")
ORDINARY = 23456


@pytest.fixture
def folder(tmp_path):
    """A folder to work in that any user can reach, as a grader's own would be."""
    for one in (tmp_path, *tmp_path.parents):
        if one.stat().st_uid == os.getuid() and str(one).startswith("/tmp/"):
            one.chmod(0o755)
    place = tmp_path / "work"
    place.mkdir()
    return place


def run(folder, work, user=None, **limits):
    """What `work()` returns inside, as JSON carries it, and the exit code; `user` is who grades, where this is root."""
    report = folder.parent / "report"
    sink = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def reporting():
        os.write(sink, json.dumps(work()).encode())

    def start():
        return sandbox.spawn(sandbox.World(folder, sandbox.python_paths() if user is None else (), **limits), reporting)

    # A process of one thread alone may fork: pytest's may have more by now.
    child = os.fork()
    if child == 0:
        if user is not None:
            os.chown(folder, user, user)
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(start(), 0)[1]))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(sink)
    return json.loads(report.read_text() or "null"), code


@pytest.fixture(params=["root", "ordinary"])
def user(request):
    if os.getuid() and request.param == "root":
        pytest.skip("this user is not root")
    return ORDINARY if request.param == "ordinary" and not os.getuid() else None


def attempt(action):
    """The name of the error that `action()` raises, or its result."""
    try:
        return str(action())
    except BaseException as error:
        return type(error).__name__


def test_it_works_in_its_own_folder_as_an_ordinary_user(folder, user):
    def work():
        Path("made.txt").write_text("here")
        status = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
        rights = [status[one].strip() for one in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs")]
        return [os.getcwd(), os.getuid(), os.getpid(), *rights, sorted(os.environ)]

    seen, code = run(folder, work, user)
    assert seen == ["/desk", 1000, 1, "0" * 16, "0" * 16, "0" * 16, "1", ["HOME", "LANG", "PATH", "TMPDIR"]]
    assert code == 0 and (folder / "made.txt").read_text() == "here"


def test_nothing_outside_is_seen_or_written(folder, user):
    secret = folder.parent / "gradebook.db"
    secret.write_text("scores")
    secret.chmod(0o666)

    def work():
        paths = [str(secret), str(secret.parent), "/etc/passwd", "/etc/shadow", "/root/.bashrc"]
        reads = [attempt(lambda p=p: os.listdir(p) if os.path.isdir(p) else open(p).read()) for p in paths]
        writes = [attempt(lambda p=p: open(p, "a")) for p in ("/usr/left", "/left", "/etc/left", "/proc/sys/kernel/hostname")]
        return reads + writes + [sorted(os.listdir("/proc"))[:1], sum(name.isdigit() for name in os.listdir("/proc"))]

    seen, _ = run(folder, work, user)
    assert seen[:5] == ["FileNotFoundError"] * 5
    assert all(one in ("OSError", "PermissionError", "FileNotFoundError") for one in seen[5:9]), seen
    assert seen[-1] == 1  # its own process alone
    assert secret.read_text() == "scores"


def test_no_network_but_its_own_loopback(folder, user):
    with socket.socket() as outside:
        outside.bind(("127.0.0.1", 0))
        outside.listen()
        port = outside.getsockname()[1]

        def work():
            own = socket.socket()
            own.bind(("127.0.0.1", 0))
            own.listen()
            own_way = attempt(lambda: socket.create_connection(own.getsockname(), 2).close())
            tries = [("127.0.0.1", port), ("192.0.2.1", 80)]
            return [own_way] + [attempt(lambda a=a: socket.create_connection(a, 2)) for a in tries]

        seen, _ = run(folder, work, user)
    assert seen == ["None", "ConnectionRefusedError", "OSError"]


def test_no_way_to_new_rights(folder, user):
    def work():
        return [
            attempt(lambda: sandbox._call("unshare", sandbox.NEWUSER)),
            attempt(lambda: sandbox._mount(None, "/usr", None, sandbox.REMOUNT | sandbox.BIND)),
            attempt(lambda: sandbox._call("umount2", b"/usr", sandbox.DETACH)),
            attempt(lambda: sandbox._call("chroot", b"/tmp")),
            attempt(lambda: os.setuid(0)),
            attempt(lambda: Path("/proc/sys/user/max_user_namespaces").write_text("9")),
        ]

    seen, _ = run(folder, work, user)
    assert all(one in ("OSError", "PermissionError") for one in seen), seen


def test_limits_hold(folder, user):
    def bomb():
        children = 0
        try:
            while children < 5000:
                if os.fork() == 0:
                    time.sleep(60)
                children += 1
        except BlockingIOError:
            pass
        return children

    def big_file():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        return attempt(lambda: Path("big").write_bytes(bytes(3 << 20)))

    def fill():
        def write():
            for i in range(100):
                Path(f"/tmp/{i}").write_bytes(bytes(1 << 20))

        return attempt(write)

    assert 10 < run(folder, bomb, user, processes=40)[0] < 41
    assert run(folder, big_file, user, file_bytes=1 << 20)[0] == "OSError"
    assert run(folder, fill, user, disk_bytes=8 << 20)[0] == "OSError"
    assert run(folder, lambda: attempt(lambda: len(bytearray(1 << 30))), user, memory_bytes=256 << 20)[0] == "MemoryError"

    def spin():
        while True:
            pass

    assert run(folder, spin, user, cpu_s=1) == (None, 128 + signal.SIGKILL)


def test_what_it_started_ends_with_it(folder, user):
    mark = f"outlived-{os.getpid()}-{time.time_ns()}"

    def work():
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                Path(mark).touch()
                time.sleep(0.8)
                Path(mark + "-still").touch()
                os._exit(0)
        while not Path(mark).exists():
            time.sleep(0.01)

    _, code = run(folder, work, user)
    time.sleep(1.2)
    assert code == 0 and (folder / mark).exists() and not (folder / (mark + "-still")).exists()


def test_to_kill_the_keeper_is_to_kill_all(folder):
    def work():
        while True:
            Path("tick").touch()
            time.sleep(0.02)

    keeper = sandbox.spawn(sandbox.World(folder), work)
    while not (folder / "tick").exists():
        time.sleep(0.02)
    os.kill(keeper, signal.SIGKILL)
    os.waitpid(keeper, 0)
    time.sleep(0.2)
    (folder / "tick").unlink()
    time.sleep(0.2)
    assert not (folder / "tick").exists()


def test_exit_codes_come_back(folder):
    assert run(folder, lambda: sys.exit(7))[1] == 7
    assert run(folder, lambda: os.kill(os.getpid(), 0) or 1 / 0)[1] == 1
    assert run(folder, lambda: os._exit(9))[1] == 9


def test_warm_imports_and_torch_work_inside(folder):
    """In a process of its own, which has torch imported and no threads running."""
    script = """
import os, sys, torch
from pathlib import Path
from course.grading import sandbox
def work():
    import torch.distributed as dist
    torch.set_num_threads(2)
    a = torch.ones(600, 600) @ torch.ones(600, 600)
    for rank in range(2):
        if os.fork() == 0:
            torch.set_num_threads(1)
            os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29517", GLOO_SOCKET_IFNAME="lo")
            dist.init_process_group("gloo", rank=rank, world_size=2)
            x = torch.full((3,), float(rank + 1))
            dist.all_reduce(x)
            Path(f"rank{rank}").write_text(str(x.tolist()))
            os._exit(0)
    for _ in range(2):
        os.wait()
    Path("product").write_text(str(a[0, 0].item()))
world = sandbox.World(Path(sys.argv[1]), sandbox.python_paths(), memory_bytes=4 << 30)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(sandbox.spawn(world, work), 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "product": "600.0", "rank0": "[3.0, 3.0, 3.0]", "rank1": "[3.0, 3.0, 3.0]"}  # fmt: skip


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="is not a folder"):
        sandbox.spawn(sandbox.World(tmp_path / "none"), print)
