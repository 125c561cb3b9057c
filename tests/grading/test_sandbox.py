"""The sandbox, held from inside: each test runs what a submission might, and reads back what came of it."""

import encodings.idna  # noqa: F401 (sockets want it, and inside there is nothing to import from)
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading import sandbox, spaces

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux") or bool(sandbox.missing()), reason="no namespaces here")
ORDINARY = 23456
HELD_S = 60  # how long what breaks a limit stays; the world ends long before, on a slow machine too


@pytest.fixture
def tmp_path():
    """A folder that any user can reach, as a grader's own would be; pytest closes its own, and that of another run as well."""
    place = Path(tempfile.mkdtemp(prefix="world-"))
    place.chmod(0o755)
    yield place
    sandbox.clean(place)


@pytest.fixture
def folder(tmp_path):
    """The folder to work in."""
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
        return sandbox.spawn(sandbox.World(folder, sandbox.python_paths() if user is None else (), **limits), reporting, (sink,))

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
        return [os.getcwd(), os.getuid(), os.getpid() != 1, *rights, sorted(os.environ)]

    seen, code = run(folder, work, user)
    assert seen == ["/desk", 1000, True, "0" * 16, "0" * 16, "0" * 16, "1", ["HOME", "LANG", "PATH", "TMPDIR"]]
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
    assert seen[-1] == 2  # its own process, and the first one that waits for it
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
            attempt(lambda: spaces.call("unshare", spaces.NEWUSER)),
            attempt(lambda: spaces.mount(None, "/usr", None, spaces.REMOUNT | spaces.BIND)),
            attempt(lambda: spaces.call("umount2", b"/usr", spaces.DETACH)),
            attempt(lambda: spaces.call("chroot", b"/tmp")),
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

    assert run(folder, spin, user, cpu_s=1) == (None, sandbox.PROCESSOR)


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


def touch(count):
    """As many bytes, really there."""
    block = bytearray(count)
    block[::4096] = b"x" * len(block[::4096])
    return block


def spread(count, size):
    """Processes that hold `size` bytes each, until the world ends or HELD_S have passed."""
    for _ in range(count):
        if os.fork() == 0:
            block = touch(size)
            time.sleep(HELD_S)
            os._exit(len(block) & 1)
    for _ in range(count):
        os.wait()


def anonymous(size):
    shared = mmap.mmap(-1, size)
    for place in range(0, size, 4096):
        shared[place] = 1
    time.sleep(HELD_S)


def file_in(folder, size, count=1):
    for number in range(count):
        with open(f"{folder}/{number}", "wb") as file:
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))
    time.sleep(HELD_S)


@pytest.mark.parametrize(
    "work",
    [
        lambda: spread(6, 80 << 20),
        lambda: (os.fork(), anonymous(200 << 20)),
        lambda: (file_in_now("/dev/shm", 60 << 20, 3), spread(1, 150 << 20)),
        lambda: (file_in_now("/tmp", 60 << 20, 2), spread(1, 200 << 20)),
    ],
    ids=["processes", "shared", "shm", "files and memory"],
)
def test_memory_is_limited_for_all_together(folder, user, work):
    begin = time.monotonic()
    assert run(folder, work, user, memory_bytes=256 << 20, disk_bytes=1 << 30)[1] == sandbox.MEMORY
    assert time.monotonic() - begin < HELD_S / 2


def file_in_now(folder, size, count):
    for number in range(count):
        Path(f"{folder}/{number}").write_bytes(bytes(size))


def test_memory_that_is_shared_counts_once_and_what_was_there_before_not_at_all(folder, user):
    before = touch(300 << 20)

    def work():
        own = touch(150 << 20)
        for _ in range(6):
            if os.fork() == 0:
                time.sleep(1)
                os._exit(own[0] + before[0] & 1)
        time.sleep(1)
        for _ in range(5):
            subprocess.run(["/bin/true"], check=True)
        return len(own)

    assert run(folder, work, user, memory_bytes=256 << 20) == (150 << 20, 0)
    assert before


def test_memory_of_a_process_that_hides_counts(folder, user):
    def work():
        if os.fork() == 0:
            spaces.call("prctl", spaces.DUMPABLE, 0, 0, 0, 0)
            spread(6, 80 << 20)
            os._exit(0)
        os.wait()

    assert run(folder, work, user, memory_bytes=256 << 20)[1] == sandbox.MEMORY


def test_processor_time_is_limited_for_all_together(folder, user):
    def spin():
        for _ in range(3):
            if os.fork() == 0:
                while True:
                    pass
        time.sleep(60)

    def short():
        while True:
            if os.fork() == 0:
                end = time.process_time() + 0.3
                while time.process_time() < end:
                    pass
                os._exit(0)
            os.wait()

    assert run(folder, spin, user, cpu_s=1)[1] == sandbox.PROCESSOR
    assert run(folder, short, user, cpu_s=2)[1] == sandbox.PROCESSOR


def test_disk_is_limited_and_so_is_the_number_of_files(folder, user):
    assert run(folder, lambda: file_in("/desk", 1 << 20, 40), user, disk_bytes=16 << 20)[1] == sandbox.DISK
    sandbox.clean(folder)
    folder.mkdir()

    def flood(place):
        def work():
            for number in range(100_000):
                open(f"{place}/{number}", "w").close()

        return lambda: attempt(work)

    for place in ("/tmp", "/home", "/dev/shm"):
        assert run(folder, flood(place), user)[0] == "OSError"

    def deep():
        for _ in range(200):
            os.mkdir("d")
            os.chdir("d")
        time.sleep(5)

    assert run(folder, deep, user)[1] == sandbox.DISK
    sandbox.clean(folder)


def test_its_own_codes_are_not_a_submissions_to_choose(folder):
    for code in (sandbox.BROKEN, sandbox.MEMORY, sandbox.DISK, 255):
        assert run(folder, lambda code=code: os._exit(code))[1] == 1


def test_every_code_has_a_reason():
    assert "memory" in sandbox.reason(sandbox.MEMORY) and "longer" in sandbox.reason(sandbox.PROCESSOR)
    assert sandbox.reason(139) == "it crashed (SIGSEGV)" and sandbox.reason(-9) == sandbox.reason(137) == "it was killed"
    assert sandbox.reason(3) == "it ended with exit code 3" and sandbox.reason(0) == "it ended"
    assert all(sandbox.reason(code) for code in range(-64, 256))


def test_a_folder_that_is_not_kept_is_read_and_its_sockets_alone_are_written(folder, user):
    (folder / "given.txt").write_text("given")
    (folder / "more").mkdir()
    (folder / "more" / "data.txt").write_text("data")
    (folder / "out").symlink_to("/etc")
    sockets = folder / ".sockets"
    sockets.mkdir()
    if user is not None:
        os.chown(sockets, user, user)

    def work():
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(".sockets/made")
        Path("made.txt").write_text("made")
        os.mkdir("folder")
        Path("folder/a").write_text("a")
        os.rename("folder/a", "b")
        reads = [Path("given.txt").read_text(), Path("more/data.txt").read_text(), os.path.lexists("out")]
        tries = [lambda: Path("given.txt").write_text("x"), lambda: Path("more/new").touch(), lambda: os.unlink("given.txt")]
        tries += [lambda: Path(".sockets/file").touch(), lambda: os.mkdir(".sockets/d"), lambda: os.symlink("/", ".sockets/l")]
        tries += [
            lambda: os.mkfifo(".sockets/p"),
            lambda: os.rename("made.txt", ".sockets/f"),
            lambda: Path("/sockets/x").touch(),
        ]
        return reads + [attempt(one) for one in tries]

    seen, code = run(folder, work, user, kept=False)
    assert code == 0 and seen[:3] == ["given", "data", False]
    assert all(one in ("OSError", "PermissionError") for one in seen[3:]), seen
    assert {path.name for path in sockets.iterdir()} == {"made"}
    assert {path.name for path in folder.iterdir()} == {"given.txt", "more", "out", ".sockets"}


def test_nothing_is_open_that_leads_out(folder, user):
    def work():
        found = [
            attempt(lambda n=name: os.readlink(f"/proc/self/fd/{n}")) for name in os.listdir("/proc/self/fd") if int(name) > 2
        ]
        return [one for one in found if one != "FileNotFoundError"]  # which was that of the list itself

    seen, _ = run(folder, work, user)
    assert [Path(one).name for one in seen] == ["report"]  # what the test itself lets in


def test_signals_stay_inside(folder, user):
    def work():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # before the child is there: it may be the first to run
        for target in (0, -1):
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.kill(target, signal.SIGTERM)
                time.sleep(5)
            os.wait()
        return [attempt(lambda: os.kill(1, signal.SIGKILL)), os.getpgid(0) == os.getpid(), os.getppid()]

    assert run(folder, work, user) == (["None", True, 1], 0)


def test_no_promise_to_die_can_be_taken_back(folder):
    def work():
        spaces.call("prctl", spaces.PDEATHSIG, 0, 0, 0, 0)
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


@pytest.mark.skipif(os.getuid() != 0, reason="this user is not root")
def test_worlds_run_as_different_users_and_give_the_folder_back(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()

    def work():
        Path("mine").touch()
        while True:
            time.sleep(0.05)

    keepers = [sandbox.spawn(sandbox.World(place), work) for place in (folder, other)]
    while not all((place / "mine").exists() for place in (folder, other)):
        time.sleep(0.02)
    owners = [place.stat().st_uid for place in (folder, other)]
    assert owners == [(place / "mine").stat().st_uid for place in (folder, other)]
    assert len(set(owners)) == 2 and min(owners) >= 40000 and 65534 not in owners
    for keeper in keepers:
        os.kill(keeper, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]) == sandbox.ENDED
    assert [place.stat().st_uid for place in (folder, other)] == [0, 0]


def test_users_are_found_for_every_map():
    assert spaces.outside_user("0 0 4294967295", 77) == 0x70000000 + 77
    assert spaces.outside_user("0 100000 65536", 77) == 40077
    assert spaces.outside_user("0 1000 1", 77) is None


def test_a_fork_bomb_is_its_own_worlds_affair(folder, tmp_path, user):
    def bomb():
        while True:
            try:
                if os.fork() == 0:
                    time.sleep(60)
            except BlockingIOError:
                Path("full").touch()
                time.sleep(60)

    child = os.fork()
    if child == 0:
        if user is not None:
            os.chown(folder, user, user)
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        bomber = sandbox.spawn(sandbox.World(folder, processes=40), bomb)
        signal.signal(signal.SIGTERM, lambda *_: os.kill(bomber, signal.SIGTERM))
        os.waitpid(bomber, 0)
        os._exit(0)
    other = tmp_path / "other"
    other.mkdir()
    try:
        while not (folder / "full").exists():
            time.sleep(0.02)

        def many():
            for _ in range(30):
                if os.fork() == 0:
                    time.sleep(0.5)
                    os._exit(0)
            return 30

        assert run(other, many, user, processes=40) == (30, 0)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def test_nothing_of_the_callers_environment_is_seen(folder):
    script = """
import os, sys
from pathlib import Path
from course.grading import sandbox
def work():
    seen = [str(os.environ), str(dict(os.environb))]
    for process in ("self", "1", os.getppid()):
        for name in ("environ", "cmdline"):
            try:
                seen.append(Path(f"/proc/{process}/{name}").read_text())
            except OSError as error:
                seen.append(type(error).__name__)
    os.write(1, repr(seen).encode())
world = sandbox.World(Path(sys.argv[1]), sandbox.python_paths())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(sandbox.spawn(world, work), 0)[1]))
"""
    environment = {**os.environ, "SECRET_TOKEN": "hunter2"}
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "SECRET_TOKEN" not in done.stdout and "hunter2" not in done.stdout and str(folder) not in done.stdout


def test_of_a_checkout_the_package_alone_is_seen(folder):
    root = Path(sandbox.__file__).resolve().parents[2]

    def work():
        return {str(place): sorted(os.listdir(place)) for place in (root, root.parent)}

    seen, _ = run(folder, work)
    known = {Path(path).relative_to(root).parts[0] for path in sandbox.python_paths() if path.is_relative_to(root)}
    assert (
        set(seen[str(root)]) == known and "course" in known and not known & {"source", "tests", "release", ".git", "gradebook.db"}
    )
    assert seen[str(root.parent)] == [root.name]


def test_the_cache_of_data_is_a_path_to_read(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    assert sandbox.data_paths() == ()
    (tmp_path / "cache").mkdir()
    assert sandbox.data_paths() == (tmp_path / "cache",)


def test_whatever_was_made_is_cleaned_away(folder, user):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "kept").touch()

    def work():
        os.mkdir("closed")
        Path("closed/file").touch()
        os.mkdir("closed/inner")
        os.chmod("closed/inner", 0)
        os.chmod("closed", 0)
        os.symlink(outside, "link")
        os.mkdir("many")
        for number in range(5000):
            Path(f"many/{number}").touch()
        Path(os.fsdecode(b"\xff\xfe")).touch()
        os.mkfifo("pipe")
        for _ in range(3000):
            os.mkdir("d" * 50)
            os.chdir("d" * 50)
        Path("bottom").touch()

    assert run(folder, work, user, disk_bytes=1 << 30)[1] in (0, sandbox.DISK)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if user is not None:
                os.chmod(folder.parent, 0o777)
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            sandbox.clean(folder)
            sandbox.clean(folder)
            code = 0
        except OSError as error:
            os.write(2, repr(error)[:400].encode())
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert not folder.exists() and (outside / "kept").exists()
