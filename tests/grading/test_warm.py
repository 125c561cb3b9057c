"""Warm kernels: quick, sandboxed, interruptible, and gone without a trace; a hundred in a row leave the server as it was."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from course.errors import CourseError
from course.grading import sandbox, warm
from course.grading import server as server_module

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux") or bool(sandbox.missing()), reason="no namespaces here")


@pytest.fixture(scope="module")
def server():
    """A server for all tests of this file, and its process's number."""
    started = warm.Warm()
    with started as address:
        yield address, started.process.pid


@pytest.fixture
def folder(tmp_path_factory):
    """A short path: the address of a socket has at most 107 characters."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="k-") as name:
        yield Path(name)


def serve(connection):
    """A judge's stand-in: it says what is asked of it, until the connection ends."""
    with connection, connection.makefile("rw") as stream:
        for line in stream:
            stream.write(json.dumps(eval(line)) + "\n")
            stream.flush()


@pytest.fixture(scope="module")
def judges():
    """A server, quick to start, whose judges are the stand-in; and its process's number."""
    started = warm.Warm((), judge="tests.grading.test_warm")
    with started as address:
        yield address, started.process.pid


def ask(stream, question):
    stream.write(question + "\n")
    stream.flush()
    return json.loads(stream.readline())


def waited(holds, seconds=10):
    """Whether it comes to hold."""
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(found)


def test_it_serves_from_when_it_is_ready_until_it_ends():
    started = warm.Warm((), judge="tests.grading.test_warm").start()
    try:
        assert started.ready() == started.address and warm.serves(started.address)
    finally:
        started.__exit__()
    assert not warm.serves(started.address)


def test_it_may_end_before_it_is_ready():
    started = warm.Warm().start()
    started.__exit__()
    assert started.process.poll() is not None and not warm.serves(started.address)


def test_a_part_that_a_package_imports_late_is_there_before_the_fork():
    with warm.Warm(("concurrent.futures:ThreadPoolExecutor",), judge="tests.grading.test_warm") as address:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
            with connection.makefile("rw") as stream:
                stream.write(json.dumps({"judge": True}) + "\n")
                stream.flush()
                assert ask(stream, "'concurrent.futures.thread' in __import__('sys').modules") is True


async def start(address, folder, world=None):
    """A kernel and a client of it."""
    manager = AsyncKernelManager(kernel_name="python3")
    spec = KernelSpec(argv=[], display_name="warm", language="python", interrupt_mode="message")
    manager._kernel_spec = spec
    manager.provisioner = kernel = warm.WarmProvisioner(parent=manager, kernel_spec=spec, kernel_id="k")
    kernel.world = world or {}
    given = await kernel.pre_launch(cwd=str(folder), env={**os.environ, warm.ADDRESS: address})
    await kernel.launch_kernel(given.pop("cmd"), **given)
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=30)
    return kernel, client


async def run(client, source, timeout=30):
    """What the source prints, and how it ended."""
    said = []
    reply = await client.execute_interactive(
        source, timeout=timeout, output_hook=lambda message: said.append(message["content"].get("text", ""))
    )
    return "".join(said), reply["content"].get("ename", "ok")


def session(server, folder, work):
    """`work(kernel, client)` with a kernel that is ended afterwards."""

    async def whole():
        kernel, client = await start(server[0], folder)
        try:
            return await work(kernel, client)
        finally:
            client.stop_channels()
            await kernel.kill()
            await kernel.wait()

    return asyncio.run(whole())


def test_torch_with_its_threads_works_inside(server, folder):
    source = """
import os, torch
torch.set_num_threads(2)
a = (torch.ones(700, 700) @ torch.ones(700, 700))[3, 5].item()
print(a, os.getcwd(), os.getuid(), os.path.exists("/etc/passwd"))
"""
    assert session(server, folder, lambda _, client: run(client, source)) == ("700.0 /desk 1000 False\n", "ok")


def test_real_processes_meet_on_the_loopback(server, folder):
    source = """
import os, torch, torch.distributed as dist
for rank in range(2):
    if os.fork() == 0:
        torch.set_num_threads(1)
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29533", GLOO_SOCKET_IFNAME="lo")
        dist.init_process_group("gloo", rank=rank, world_size=2)
        x = torch.full((2,), float(rank + 1))
        dist.all_reduce(x)
        open(f"rank{rank}", "w").write(str(x.tolist()))
        os._exit(0)
for _ in range(2):
    os.wait()
print(open("rank0").read(), open("rank1").read())
"""
    said, ended = session(server, folder, lambda _, client: run(client, source))
    assert "[3.0, 3.0] [3.0, 3.0]" in said.splitlines() and ended == "ok"  # gloo also warns of names it cannot look up


def test_nothing_of_the_servers_is_open_inside(server, folder):
    source = """
import os
print(sorted({os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in range(3)}), os.environ.get("COURSE_WARM_SERVER"))
print(os.path.exists(ADDRESS), [name for name in os.listdir("/proc") if name.isdigit()])
""".replace("ADDRESS", repr(server[0]))
    said, _ = session(server, folder, lambda _, client: run(client, source))
    assert said.splitlines()[1] == "False ['1', '2']" and said.splitlines()[0].endswith("None")


def test_an_endless_loop_is_interrupted(server, folder):
    async def work(kernel, client):
        loop = asyncio.ensure_future(run(client, "while True: pass"))
        await asyncio.sleep(0.5)
        client.control_channel.send(client.session.msg("interrupt_request", {}))
        stopped = await asyncio.wait_for(loop, 10)
        return stopped[1], await run(client, "print('still here')")

    assert session(server, folder, work) == ("KeyboardInterrupt", ("still here\n", "ok"))


def test_a_dead_kernel_is_noticed_with_its_code(server, folder):
    async def work(kernel, client):
        assert await kernel.poll() is None
        client.execute("import os; os._exit(3)")
        return await asyncio.wait_for(kernel.wait(), 10)

    assert session(server, folder, work) == 3


def children(process):
    """The processes that descend from it directly."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def state(process):
    """How many files the process has open, and its memory in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return len(os.listdir(f"/proc/{process}/fd")), pages * os.sysconf("SC_PAGE_SIZE")


def test_a_closed_connection_ends_the_kernel(server, folder):
    async def work(kernel, client):
        assert children(server[1])
        kernel.connection.close()
        for _ in range(200):
            if not children(server[1]):
                return True
            await asyncio.sleep(0.02)

    async def whole():
        kernel, client = await start(server[0], folder)
        try:
            return await work(kernel, client)
        finally:
            client.stop_channels()

    assert asyncio.run(whole())


@pytest.mark.slow
def test_a_hundred_in_a_row_leave_nothing(server, tmp_path_factory):
    import tempfile

    async def one():
        with tempfile.TemporaryDirectory(prefix="k-") as name:
            kernel, client = await start(server[0], name)
            assert await run(client, "print(6 * 7)") == ("42\n", "ok")
            client.stop_channels()
            await kernel.kill()
            await kernel.wait()

    asyncio.run(one())
    files, memory = state(server[1])
    begin = time.perf_counter()
    for _ in range(100):
        asyncio.run(one())
    print(f"a hundred warm kernels: {(time.perf_counter() - begin) / 100:.2f} s each, start to end")
    after = state(server[1])
    assert not children(server[1]) and after[0] == files and after[1] < memory + (8 << 20), (files, memory, after)


def test_a_judge_talks_over_its_connection_and_ends_with_it(judges):
    with warm.judge(judges[0], {"cpu_s": 30}) as connection, connection.makefile("rw") as stream:
        assert ask(stream, "6 * 7") == 42
        assert ask(stream, "[os.getcwd(), os.listdir('.'), os.getuid()]") == ["/desk", [], 1000]
        assert ask(stream, "[__import__('resource').getrlimit(0)[0], os.path.exists('/etc/passwd')]") == [30, False]
        assert children(judges[1])
    assert waited(lambda: not children(judges[1]))


def test_a_judge_that_ends_is_noticed_at_once_while_others_live(judges):
    with warm.judge(judges[0]) as first, warm.judge(judges[0]) as second:
        asked = second.makefile("rw")
        assert ask(asked, "1") == 1
        first.sendall(b"os._exit(3)\n")
        first.settimeout(5)
        assert first.recv(64) == b"" and ask(asked, "2") == 2
        asked.close()


def test_a_judge_that_computes_for_ever_ends_with_its_client(judges):
    with warm.judge(judges[0]) as connection:
        connection.sendall(b"[0 for _ in iter(int, 1)]\n")
        time.sleep(0.3)
        assert children(judges[1])
    assert waited(lambda: not children(judges[1]))


STRANGE = [b"", b"what\n", b"[1]\n", b'{"work": "/nowhere"}\n', b'{"limits": {"pity": 1}}\n', b"x" * (3 << 20)]


@pytest.mark.parametrize("line", STRANGE, ids=["silent", "words", "list", "no folder", "no such limit", "long"])
def test_a_strange_or_silent_client_holds_nobody_up(judges, line):
    with socket.socket(socket.AF_UNIX) as strange:
        strange.connect(judges[0])
        strange.settimeout(10)
        try:
            strange.sendall(line)
        except OSError:
            assert len(line) > server_module.MAX_REQUEST_BYTES
        with warm.judge(judges[0]) as connection, connection.makefile("rw") as stream:
            assert ask(stream, "6 * 7") == 42
        if line:
            try:
                assert strange.recv(64) == b""
            except ConnectionResetError:
                pass


def test_a_request_may_come_in_pieces(judges):
    request = json.dumps({"judge": True}).encode() + b"\n1 + 1\n"
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(judges[0])
        for place in range(len(request)):
            slow.sendall(request[place : place + 1])
            time.sleep(0.002)
        assert slow.makefile().readline() == "2\n"


def test_the_server_lives_on_when_the_thread_that_started_it_ends():
    import threading

    started, address = warm.Warm((), judge="tests.grading.test_warm"), []
    thread = threading.Thread(target=lambda: address.append(started.__enter__()))
    thread.start()
    thread.join()
    time.sleep(0.2)
    try:
        with warm.judge(address[0]) as connection, connection.makefile("rw") as stream:
            assert ask(stream, "1") == 1
    finally:
        started.__exit__()


def test_the_server_and_all_it_started_end_with_an_owner_that_is_killed():
    script = """
import time
from course.grading import warm
started = warm.Warm((), judge="tests.grading.test_warm")
address = started.__enter__()
connection = warm.judge(address)
connection.sendall(b"1\\n")
connection.recv(9)
print(started.process.pid, address, flush=True)
time.sleep(60)
"""
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    server, address = owner.stdout.readline().split()
    all_of_it = [server, *children(server)]
    assert len(all_of_it) == 2 and Path(address).exists()
    owner.kill()
    owner.communicate()

    def gone(process):
        try:
            return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    assert waited(lambda: all(map(gone, all_of_it))) and not Path(address).parent.exists()


def test_control_c_is_its_owners_affair():
    started = warm.Warm((), judge="tests.grading.test_warm")
    with started:
        assert os.getpgid(started.process.pid) != os.getpgid(0) and os.getsid(started.process.pid) != os.getsid(0)


def test_a_world_comes_with_the_request(server, folder, tmp_path):
    given = tmp_path / "given"
    given.write_text("read me")
    for one in (tmp_path, *tmp_path.parents):
        if one.stat().st_uid == os.getuid() and str(one).startswith("/tmp/"):
            one.chmod(0o755)
    source = f"import resource; print(open({str(given)!r}).read(), resource.getrlimit(resource.RLIMIT_CPU)[0])"

    async def whole():
        kernel, client = await start(server[0], folder, {"read": [given], "limits": {"cpu_s": 77}})
        try:
            return await run(client, source)
        finally:
            client.stop_channels()
            await kernel.kill()
            await kernel.wait()

    assert asyncio.run(whole()) == ("read me 77\n", "ok")


def looked(folder, source, **world):
    """What the source prints in a kernel of a server of its own, which has imported nothing."""

    async def whole(address):
        kernel, client = await start(address, folder, world)
        try:
            return await run(client, source)
        finally:
            client.stop_channels()
            await kernel.kill()
            await kernel.wait()

    with warm.Warm(()) as address:
        return asyncio.run(whole(address))


def test_the_graders_environment_is_not_seen_and_its_data_are(folder, tmp_path, monkeypatch):
    for one in (tmp_path, *tmp_path.parents):
        if one.stat().st_uid == os.getuid() and str(one).startswith("/tmp/"):
            one.chmod(0o755)
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    (tmp_path / "text").write_text("some data")
    source = """
import os
from pathlib import Path
from course import data
seen = [str(os.environ)]
for process in ("self", "1", os.getppid()):
    for name in ("environ", "cmdline"):
        try:
            seen.append(Path(f"/proc/{process}/{name}").read_text())
        except OSError:
            pass
print(sum("hunter2" in one or "warm-" in one for one in seen), len(seen) > 2)
print((data.cache_folder() / "text").read_text())
try:
    (data.cache_folder() / "more").touch()
except OSError as error:
    print(error.strerror)
"""
    assert looked(folder, source) == ("0 True\nsome data\nRead-only file system\n", "ok")


def test_a_kernel_writes_into_memory_and_leaves_nothing(server, folder):
    (folder / "given.csv").write_text("1,2")
    source = """
print(open("given.csv").read())
with open("made.txt", "w") as file:
    file.write("made")
print(open("made.txt").read())
try:
    open(".sockets/file", "w")
except OSError as error:
    print(type(error).__name__)
"""
    said, ended = session(server, folder, lambda _, client: run(client, source))
    assert ended == "ok" and said == "1,2\nmade\nPermissionError\n"
    assert {path.name for path in folder.iterdir()} == {"given.csv", warm.SOCKETS}


def test_too_much_memory_has_its_own_code(server, folder):
    async def whole():
        kernel, client = await start(server[0], folder, {"limits": {"memory_bytes": 300 << 20}})
        lines = ["import os, time", "for _ in range(5):", "    if os.fork() == 0:", "        x = b'x' * (100 << 20)"]
        client.execute("\n".join([*lines, "        time.sleep(9)", "time.sleep(9)"]))
        try:
            return await asyncio.wait_for(kernel.wait(), 8)
        finally:
            client.stop_channels()

    assert sandbox.reason(asyncio.run(whole())) == "it used more memory than it may"


def test_a_link_in_the_place_of_the_sockets_is_not_followed(server, folder, tmp_path):
    (folder / warm.SOCKETS).symlink_to(tmp_path)
    before = tmp_path.stat().st_mode
    assert session(server, folder, lambda _, client: run(client, "print(1)")) == ("1\n", "ok")
    assert tmp_path.stat().st_mode == before and not list(tmp_path.iterdir()) and not (folder / warm.SOCKETS).is_symlink()


def test_threads_in_the_server_are_refused():
    with pytest.raises(CourseError, match="did not start"), warm.Warm(("tests.grading.threaded",)):
        pass
