"""The warm process: it has imported what kernels need, runs no thread, and forks a sandboxed process for each connection.

A client sends one line of JSON: {"connection": an IPython kernel's, "work": its folder, "read": [paths], "limits": {...},
"judge": whether it wants a judge and no kernel}. A kernel's client hears the exit code when it ended; a judge has the connection
for itself. When a client goes away, or closes its half, its process is ended.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from course.data import cache_folder
from course.grading import lean, sandbox

SOCKETS = ".sockets"  # in the kernel's own folder, where its connection lives
CACHE = "COURSE_CACHE"  # where the course's data are, which kernels may read
LIMITS = ("memory_bytes", "processes", "file_bytes", "disk_bytes", "cpu_s")
MAX_REQUEST_BYTES = 1 << 20
# Threads that a library starts at import would not be there after a fork, with whatever locks they held.
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
JUDGE = "course.grading.judge"


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
            if not seen and not client.request:  # it only asked whether anybody is here
                self._drop(client)
                return False
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
    """Make ready, say so, serve, and take the address away, whether or not the owner still lives to do so."""
    try:
        with open(told, "wb") as ready:
            listener, wrong = _make_ready(address, judge, modules)
            ready.write(wrong.encode() or b"+")
        if listener:
            Server(listener, 0, judge).serve()
    finally:
        with contextlib.suppress(OSError):
            os.unlink(address)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(address))
    os._exit(0)


def _make_ready(address: str, judge: str, modules: tuple[str, ...]) -> tuple[socket.socket | None, str]:
    """Import, make sure that no thread runs, and listen; or what is wrong."""
    if why := sandbox.missing():
        return None, why
    with lean.threadless():
        lean.load((*modules, *([judge] if importlib.util.find_spec(judge) else [])))
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        return None, f"The warm process did not start: its imports left {threads} threads, and none may be forked."
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    return listener, ""


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
