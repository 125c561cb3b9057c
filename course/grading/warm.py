"""Kernels forked from a warm process: heavy imports are done once, and each kernel starts in its sandbox in less than a second.

`Warm` starts the process and ends it; `WarmProvisioner` is how jupyter_client gets a kernel from it, `judge` how the grader gets
a trusted process. One connection is one of these: the server ends it when the connection closes, and says when a kernel ended,
so that nothing outlives a grader that died. The server itself ends when its owner does, however that comes.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerBase

from course.data import cache_folder
from course.errors import CourseError
from course.grading import sandbox
from course.grading.server import CACHE, JUDGE, QUIET, SOCKETS

HEAVY = ("torch", "matplotlib.pyplot", "ipykernel.ipkernel", "ipykernel.kernelapp")
HEAVY += ("course.check", "course.data", "course.device", "course.models", "course.plot", "course.progress", "course.widgets")
ADDRESS, WORLD = "COURSE_WARM_SERVER", "COURSE_WARM_WORLD"
NEEDED = ("LD_LIBRARY_PATH", "PYTHONHOME", "TZ")  # of the grader's environment, where Python does not start without


class Warm:
    """The server as a context: `with Warm() as address`; `start` returns at once, `ready` waits till it serves.

    modules: what every kernel has imported already, each a module or `module:name`; judge: whose `serve` a judge runs.
    """

    def __init__(self, modules: tuple[str, ...] = HEAVY, judge: str = JUDGE):
        self.modules, self.judge = modules, judge

    def start(self) -> "Warm":
        self.folder = tempfile.TemporaryDirectory(prefix="warm-")
        self.address = str(Path(self.folder.name) / "s")
        self.told, told = os.pipe()
        # A student's process is a fork of this one, and could read what it was started with: so it gets no more than it needs.
        paths = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH")]))
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": paths, CACHE: str(cache_folder()), **QUIET}
        environment |= {name: os.environ[name] for name in NEEDED if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course.grading.server", str(told), self.address, self.judge, *self.modules],
            stdin=subprocess.PIPE, pass_fds=[told], env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(told)
        return self

    def ready(self) -> str:
        """The address, once it serves; CourseError where it does not."""
        with open(self.told, "rb") as stream:
            said = stream.read().decode()
        self.told = None
        if said != "+":
            self.__exit__()
            raise CourseError(said or "The warm process for kernels did not start: what it printed above says why.")
        return self.address

    def __enter__(self) -> str:
        return self.start().ready()

    def __exit__(self, *_) -> None:
        if self.told is not None:
            os.close(self.told)
            self.told = None
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def serves(address: str) -> bool:
    """Whether a server listens there."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
        knock.connect(address)
        return True
    return False


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
