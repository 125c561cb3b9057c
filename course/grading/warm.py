"""Kernels forked from a warm process: heavy imports are done once, and each kernel starts in its sandbox in less than a second.

`Warm` starts the process and ends it; `WarmProvisioner` is how jupyter_client gets a kernel from it. One connection is one
kernel: the server says when it ended, and ends it when the connection closes, so that nothing outlives a grader that died.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerBase

from course.errors import CourseError
from course.grading import sandbox

HEAVY = ("torch", "matplotlib.pyplot", "sklearn.datasets", "ipykernel.ipkernel", "ipykernel.kernelapp")
HEAVY += ("course.check", "course.data", "course.plot", "course.widgets", "course.progress")
SOCKETS = ".sockets"  # in the kernel's own folder, where its connection lives
ADDRESS = "COURSE_WARM_SERVER"
# Threads that a library starts at import would not be there after a fork, with whatever locks they held.
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


class Warm:
    """The server as a context: `with Warm() as address`; modules: what every kernel has imported already."""

    def __init__(self, modules: tuple[str, ...] = HEAVY):
        self.modules = modules

    def __enter__(self) -> str:
        if why := sandbox.missing():
            raise CourseError(why)
        self.folder = tempfile.TemporaryDirectory(prefix="warm-")
        address = str(Path(self.folder.name) / "s")
        command = [sys.executable, "-m", "course.grading.warm", address, *self.modules]
        ready, told = os.pipe()
        environment = {**os.environ, **QUIET, "COURSE_READY": str(told)}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[told], env=environment)
        os.close(told)
        with open(ready, "rb") as stream:
            if stream.read(1) != b"+":
                self.__exit__()
                raise CourseError("The warm process for kernels did not start: what it printed above says why.")
        return address

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class WarmProvisioner(KernelProvisionerBase):
    """A kernel out of the server whose address the environment gives: in its own folder (`cwd`), over sockets in it."""

    connection = None
    code: int | None = None

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
            self.connection.shutdown(socket.SHUT_WR)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    terminate = kill

    async def cleanup(self, restart: bool = False) -> None:
        self._close()

    async def pre_launch(self, **kwargs):
        manager, folder = self.parent, Path(kwargs["cwd"]) / SOCKETS
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)  # whom the kernel runs as is the sandbox's affair; the folder above is closed
        manager.transport, manager.ip = "ipc", str(folder / "k")
        manager.write_connection_file()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        info = self.parent.get_connection_info()
        inside = {**info, "key": info["key"].decode(), "ip": f"/desk/{SOCKETS}/k"}
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(kwargs["env"].get(ADDRESS) or os.environ[ADDRESS])
        request = {"connection": inside, "work": str(kwargs["cwd"])}
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        self.connection.setblocking(False)
        return info

    def _close(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None


def kernel(connection: dict) -> None:
    """Be an IPython kernel, inside; nothing of the server's stays open."""
    os.closerange(3, 4096)
    Path("/tmp/kernel.json").write_text(json.dumps(connection))
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(quiet=True, log_level=50)
    app.initialize(["-f", "/tmp/kernel.json", "--HistoryManager.hist_file=:memory:"])
    app.start()


def serve(listener: socket.socket) -> None:
    """Fork a kernel for each connection, for ever."""
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    client = listener.accept()[0]
                    request = json.loads(client.makefile().readline())
                    world = sandbox.World(Path(request["work"]), sandbox.python_paths(), environment=QUIET)
                    running[sandbox.spawn(world, lambda r=request: kernel(r["connection"]))] = client
                    selector.register(client, selectors.EVENT_READ)
                elif key.fileobj == wake:
                    os.read(wake, 4096)
                else:  # the client went away, or wants the kernel to end
                    selector.unregister(key.fileobj)
                    for process, client in running.items():
                        if client is key.fileobj:
                            os.kill(process, signal.SIGKILL)
            while running:
                process, status = os.waitpid(-1, os.WNOHANG)
                if process == 0:
                    break
                client = running.pop(process)
                with contextlib.suppress(KeyError):
                    selector.unregister(client)
                with contextlib.suppress(OSError):
                    client.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                client.close()


def main(address: str, *modules: str) -> None:
    """Import, make sure that no thread runs, say that all is ready, serve."""
    sandbox._call("prctl", sandbox.PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for name in modules:
        importlib.import_module(name)
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise CourseError(f"{threads} threads run after the imports, so that nothing may be forked: which module starts them?")
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    ready = int(os.environ.pop("COURSE_READY"))
    os.write(ready, b"+")
    os.close(ready)
    serve(listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
