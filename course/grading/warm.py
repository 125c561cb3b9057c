"""Kernels forked from a warm process: heavy imports are done once, and each kernel starts in its sandbox in less than a second.

`Warm` starts the process and ends it; `WarmProvisioner` is how jupyter_client gets a kernel from it, `judge` how the grader gets
a trusted process. One connection is one of these: the server ends it when the connection closes, and says when a kernel ended,
so that nothing outlives a grader that died. The server itself ends when its owner does, however that comes.
"""

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerBase

from course.data import cache_folder
from course.errors import CourseError
from course.grading import sandbox

HEAVY = ("torch", "matplotlib.pyplot", "sklearn.datasets", "ipykernel.ipkernel", "ipykernel.kernelapp")
HEAVY += ("course.check", "course.data", "course.plot", "course.widgets", "course.progress")
SOCKETS = ".sockets"  # in the kernel's own folder, where its connection lives
ADDRESS, WORLD = "COURSE_WARM_SERVER", "COURSE_WARM_WORLD"
CACHE = "COURSE_CACHE"  # where the course's data are, which kernels may read
LIMITS = ("memory_bytes", "processes", "file_bytes", "disk_bytes", "cpu_s")
MAX_REQUEST_BYTES = 1 << 20
NEEDED = ("LD_LIBRARY_PATH", "PYTHONHOME", "TZ")  # of the grader's environment, where Python does not start without
# Threads that a library starts at import would not be there after a fork, with whatever locks they held.
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
JUDGE = "course.grading.judge"


class Warm:
    """The server as a context: `with Warm() as address`; modules: what every kernel has imported already; judge: whose `serve`
    a judge runs."""

    def __init__(self, modules: tuple[str, ...] = HEAVY, judge: str = JUDGE):
        self.modules, self.judge = modules, judge

    def __enter__(self) -> str:
        self.folder = tempfile.TemporaryDirectory(prefix="warm-")
        address = str(Path(self.folder.name) / "s")
        ready, told = os.pipe()
        # A student's process is a fork of this one, and could read what it was started with: so it gets no more than it needs.
        paths = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH")]))
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": paths, CACHE: str(cache_folder()), **QUIET}
        environment |= {name: os.environ[name] for name in NEEDED if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course.grading.warm", str(told), address, self.judge, *self.modules],
            stdin=subprocess.PIPE, pass_fds=[told], env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(told)
        with open(ready, "rb") as stream:
            said = stream.read().decode()
        if said != "+":
            self.__exit__()
            raise CourseError(said or "The warm process for kernels did not start: what it printed above says why.")
        return address

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class WarmProvisioner(KernelProvisionerBase):
    """A kernel out of the server whose address the environment gives: in its own folder (`cwd`), over sockets in it.

    `world`, or the environment's COURSE_WARM_WORLD as JSON, says what else it gets: {"read": [paths], "limits": {…}}.
    """

    connection = None
    code: int | None = None
    world: dict = {}

    @property
    def has_process(self) -> bool:
        return self.connection is not None

    async def poll(self) -> int | None:
        if self.connection and self.code is None:
            with contextlib.suppress(BlockingIOError):
                said = self.connection.recv(64)
                self.code = int(said) if said else 1
        return self.code if self.connection else 0

    async def wait(self) -> int | None:
        while (code := await self.poll()) is None:
            await asyncio.sleep(0.01)
        self._close()
        return code

    async def send_signal(self, signum: int) -> None:
        """Kill, whatever the signal: a kernel is interrupted by a message."""
        if self.connection and signum:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    terminate = kill

    async def cleanup(self, restart: bool = False) -> None:
        self._close()

    async def pre_launch(self, **kwargs):
        manager, folder = self.parent, Path(kwargs["cwd"]) / SOCKETS
        sandbox.clean(folder)  # an earlier kernel may have left anything there
        folder.mkdir()
        folder.chmod(0o777)  # whom the kernel runs as is the sandbox's affair; the folder above is closed
        manager.transport, manager.ip = "ipc", str(folder / "k")
        manager.write_connection_file()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        info, environment = self.parent.get_connection_info(), {**os.environ, **(kwargs.get("env") or {})}
        inside = {**info, "key": info["key"].decode(), "ip": f"/desk/{SOCKETS}/k"}
        world = self.world or json.loads(environment.get(WORLD) or "{}")
        request = {"connection": inside, "work": str(kwargs["cwd"]), "read": [str(path) for path in world.get("read", ())]}
        self.connection = _request(environment[ADDRESS], {**request, "limits": world.get("limits", {}), "judge": False})
        self.connection.setblocking(False)
        return info

    def _close(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None


def judge(address: str, limits: dict | None = None) -> socket.socket:
    """A connection to a new judge, which ends when it is closed; the judge sees no files but Python's and the course's."""
    return _request(address, {"connection": None, "work": None, "read": [], "limits": limits or {}, "judge": True})


def _request(address: str, request: dict) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
    except BaseException:
        connection.close()
        raise
    return connection


def kernel(connection: dict) -> None:
    """Be an IPython kernel, inside; what it prints past IPython goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    Path("/tmp/kernel.json").write_text(json.dumps(connection))
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(quiet=True, log_level=50)
    app.initialize(["-f", "/tmp/kernel.json", "--HistoryManager.hist_file=:memory:"])
    app.start()


@dataclass
class Client:
    """A connection: what came of its request so far, and then the process that serves it."""

    socket: socket.socket
    request: bytes = b""
    process: int | None = None
    told: bool = False  # whether it wants to hear how its process ended


class Server:
    """Forks a process for each connection, until the owner's end of `life` is closed. `judge`: the module that judges run."""

    def __init__(self, listener: socket.socket, life: int, judge: str = JUDGE):
        self.listener, self.life, self.judge = listener, life, judge
        self.clients: dict[int, Client] = {}  # by the number of the connection
        self.ends: dict[int, Client] = {}  # by the number of the process's pidfd

    def serve(self) -> None:
        with select.epoll() as self.poll:
            self.poll.register(self.life, 0)
            self.poll.register(self.listener, select.EPOLLIN)
            while True:
                for number, events in self.poll.poll():
                    if number == self.life:
                        return
                    if number == self.listener.fileno():
                        connection = self.listener.accept()[0]
                        self.clients[connection.fileno()] = Client(connection)
                        self.poll.register(connection, select.EPOLLIN | select.EPOLLRDHUP)
                    elif number in self.ends:
                        self._ended(number)
                    elif client := self.clients.get(number):
                        self._heard(client, events)

    def _heard(self, client: Client, events: int) -> None:
        """More of a request, or the end of the connection."""
        if client.process is not None:
            self.poll.unregister(client.socket)
            os.kill(client.process, signal.SIGTERM)
            return
        try:
            if not self._read(client):
                return
            self._start(client, json.loads(client.request))
        except Exception as error:
            os.write(2, f"warm: a request was refused: {type(error).__name__}: {error}\n".encode())
            self._drop(client)

    def _read(self, client: Client) -> bool:
        """Whether the request is whole. What a client sends after its line is left to the process that serves it."""
        with contextlib.suppress(BlockingIOError):
            seen = client.socket.recv(1 << 16, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            if not seen:
                raise ConnectionError("it ended before its line did")
            client.request += client.socket.recv((seen.find(b"\n") + 1) or len(seen))
        if len(client.request) > MAX_REQUEST_BYTES:
            raise ValueError("it is too long")
        return client.request.endswith(b"\n")

    def _start(self, client: Client, request: dict) -> None:
        work, limits = request.get("work"), request.get("limits") or {}
        if unknown := set(limits) - set(LIMITS):
            raise ValueError(f"no limits are called {sorted(unknown)}")
        limits = {name: int(limit) for name, limit in limits.items()}
        read, environment = (*sandbox.python_paths(), *map(Path, request.get("read") or ())), QUIET
        if not request.get("judge"):
            read, environment = (*read, *sandbox.data_paths()), {**QUIET, CACHE: str(cache_folder().resolve())}
        world = sandbox.World(work and Path(work), read, **limits, environment=environment, kept=False)
        if request.get("judge"):
            inside, keep = lambda: importlib.import_module(self.judge).serve(client.socket), (client.socket.fileno(),)
        else:
            inside, keep, client.told = lambda: kernel(request["connection"]), (), True
        client.process = sandbox.spawn(world, inside, keep)
        self.poll.modify(client.socket, select.EPOLLRDHUP)
        end = os.pidfd_open(client.process)
        self.ends[end] = client
        self.poll.register(end, select.EPOLLIN)

    def _ended(self, end: int) -> None:
        client = self.ends.pop(end)
        self.poll.unregister(end)
        os.close(end)
        code = os.waitstatus_to_exitcode(os.waitpid(client.process, 0)[1])
        if client.told:
            with contextlib.suppress(OSError):
                client.socket.send(str(code).encode(), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        self._drop(client)

    def _drop(self, client: Client) -> None:
        del self.clients[client.socket.fileno()]
        with contextlib.suppress(OSError):
            self.poll.unregister(client.socket)
        client.socket.close()


def main(told: int, address: str, judge: str, *modules: str) -> None:
    """Import, make sure that no thread runs, say that all is ready, serve; what is wrong is said instead."""
    with open(told, "wb") as ready:
        if why := sandbox.missing():
            ready.write(why.encode())
            return
        for name in (*modules, *([judge] if importlib.util.find_spec(judge) else [])):
            importlib.import_module(name)
        if (threads := len(os.listdir("/proc/self/task"))) != 1:
            ready.write(f"The warm process did not start: its imports left {threads} threads, and none may be forked.".encode())
            return
        gc.freeze()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen(64)
        ready.write(b"+")
    Server(listener, 0, judge).serve()
    with contextlib.suppress(OSError):
        os.unlink(address)
        os.rmdir(os.path.dirname(address))
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
