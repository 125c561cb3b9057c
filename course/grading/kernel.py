"""One sandboxed kernel for one submission: run a cell, run a probe, with limits on time and on what comes out."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from course.grading import sandbox, warm
from course.grading.inside import LANE, MAX_BLOCK_BYTES
from course.grading.wire import sound

START_LIMIT_S, INTERRUPT_LIMIT_S, POLL_S = 60, 3, 0.1
MAX_OUTPUT_BYTES, MAX_MESSAGES = 64 << 20, 100_000  # in one cell: a kernel that says more is ended
MAX_KEPT_BYTES, MAX_KEPT = 1 << 20, 50  # of a cell's outputs
MAX_REPLY_BYTES = 8 << 20
QUIET = "--HistoryManager.hist_file=:memory:"
OUTPUTS = ("stream", "display_data", "execute_result", "error")


@dataclass
class Ran:
    """How a cell ended: ok, error, time (over its limit) or dead, with a sentence why; alive: whether the kernel still is."""

    ended: str = "ok"
    reason: str = ""
    alive: bool = True
    error: tuple[str, str, list[str]] = ("", "", [])
    outputs: list[dict] = field(default_factory=list)
    block: bytes | None = None
    seconds: float = 0.0


class Kernel:
    """A kernel out of the warm server at `address`, as a context: `async with Kernel(address) as kernel`.

    Without an address it is an ordinary kernel, started cold, with the grader's own rights: no sandbox.
    """

    def __init__(self, address: str | None, world: dict | None = None):
        self.address, self.world = address, world or {}
        self.token, self.block, self.reading = "", None, 0

    async def __aenter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="k-"))
        try:
            await asyncio.wait_for(self._start(), START_LIMIT_S)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def _start(self):
        await (self._launch() if self.address else self._launch_open())
        await self._connect()

    async def _listen(self):
        lane = self.folder / LANE
        self.lane = await asyncio.start_unix_server(self._receive, lane, limit=1 << 20)
        lane.chmod(0o777)

    async def _launch_open(self):
        sockets = (self.folder / LANE).parent
        sockets.mkdir()
        await self._listen()
        self.manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(sockets / "k"))
        nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        await self.manager.start_kernel(cwd=str(self.folder), extra_arguments=[QUIET], **nowhere)
        self.process = self.manager.provisioner

    async def _launch(self):
        self.manager = manager = AsyncKernelManager(kernel_name="python3")
        spec = KernelSpec(argv=[], display_name="warm", language="python", interrupt_mode="message")
        manager._kernel_spec = spec
        self.process = manager.provisioner = warm.WarmProvisioner(parent=manager, kernel_spec=spec, kernel_id="k")
        self.process.world = self.world
        given = await self.process.pre_launch(cwd=str(self.folder), env={**os.environ, warm.ADDRESS: self.address})
        await self._listen()
        await self.process.launch_kernel(given.pop("cmd"), **given)

    async def _connect(self):
        """A client that is ready. What a process may send at once is bounded where it comes in, before anything reads it."""
        self.context = zmq.asyncio.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_REPLY_BYTES)
        self.context.setsockopt(zmq.RCVHWM, 20)
        self.context.setsockopt(zmq.SNDTIMEO, 1000)  # to a kernel that has broken its connection nothing can be said
        self.client = AsyncKernelClient(context=self.context, **self.manager.get_connection_info(session=True))
        self.client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True)
        self.client.kernel_info()
        while (code := await self.process.poll()) is None:
            with contextlib.suppress(Empty):
                await self.client.get_shell_msg(timeout=POLL_S)
                break
        if code is not None:
            raise RuntimeError(f"the kernel did not start: {sandbox.reason(code)}")
        with contextlib.suppress(Empty):
            while (await self.client.get_iopub_msg(timeout=0.05))["content"].get("execution_state") != "idle":
                pass

    async def _receive(self, reader, writer):
        """Take in one block of values: the first that bears the token of the cell that runs."""
        parts, size = [], 0
        self.reading += 1
        try:
            while size <= MAX_BLOCK_BYTES and self.reading <= 4 and (piece := await reader.read(1 << 20)):
                parts.append(piece)
                size += len(piece)
            data, token = b"".join(parts), self.token.encode()
            if token and self.block is None and size <= MAX_BLOCK_BYTES and data.startswith(token):
                self.block = data[len(token) :]
        except OSError:
            pass
        finally:
            self.reading -= 1
            writer.close()

    async def probe(self, source: str, name: str, limit_s: float) -> Ran:
        """Run a test cell's probe; `block` is what it sent, None if nothing came."""
        self.token, self.block = secrets.token_hex(16), None
        lane = f"/desk/{LANE}" if self.address else str(self.folder / LANE)
        given = f"{source!r}, {name!r}, {self.token!r}, {lane!r}, globals()"
        call = f"__import__('course.grading.inside', fromlist=['run']).run({given})"
        ran = await self.execute(call, limit_s, silent=True)
        end = time.monotonic() + 1
        while self.block is None and self.reading and time.monotonic() < end:
            await asyncio.sleep(0.005)
        ran.block, self.block, self.token = self.block, None, ""
        return ran

    async def execute(self, source: str, limit_s: float, silent: bool = False) -> Ran:
        """Run a cell; past its limit it is interrupted, and ended with its kernel if that does not help."""
        ran, start = Ran(), time.monotonic()
        how = {"silent": silent, "store_history": not silent, "allow_stdin": False, "stop_on_error": False}
        try:
            message = self.client.execute(source, **how)
        except zmq.ZMQError:
            await self.kill()
            return Ran("dead", "its kernel does not answer any more", False)
        pump = asyncio.ensure_future(self._outputs(message, ran))
        try:
            reply = await self._reply(message, start + limit_s, ran, pump)
            if reply is None and ran.ended == "time":
                await self._interrupt()
                reply = await self._reply(message, time.monotonic() + INTERRUPT_LIMIT_S, ran, pump)
                ran.ended, ran.reason = "time", f"it took more than {limit_s:.0f} s"
                ran.alive = reply is not None
            elif reply is not None and reply.get("status") != "ok":
                lines = reply.get("traceback") if isinstance(reply.get("traceback"), list) else []
                words = sound(reply.get("ename")), sound(reply.get("evalue"))
                ran.ended, ran.error = "error", (*words, [sound(one) for one in lines])
            if ran.alive:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(asyncio.shield(pump), 0.5)
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
            ran.seconds = time.monotonic() - start
        if not ran.alive:
            await self.kill()
        return ran

    async def _interrupt(self) -> None:
        if self.address:
            with contextlib.suppress(zmq.ZMQError):
                self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
        else:
            await self.manager.interrupt_kernel()

    async def _reply(self, message: str, deadline: float, ran: Ran, pump) -> dict | None:
        """The content of the reply to a message; None where the time is up, the kernel died or said too much."""
        while True:
            if (code := await self.process.poll()) is not None:
                ran.ended, ran.alive, ran.reason = "dead", False, sandbox.reason(code)
                return None
            if ran.ended == "dead":  # the pump says so
                return None
            left = deadline - time.monotonic()
            if left <= 0:
                ran.ended = "time"
                return None
            try:
                said = await self.client.get_shell_msg(timeout=min(left, POLL_S))
                mine = said["parent_header"].get("msg_id") == message and said["msg_type"] == "execute_reply"
                if mine and isinstance(said["content"], dict):
                    return said["content"]
            except Empty:
                continue
            except Exception:  # what no kernel of ours would send
                continue

    async def _outputs(self, message: str, ran: Ran) -> None:
        """Keep what the cell shows, up to a size; returns when the kernel is idle again."""
        size, count, kept = 0, 0, 0
        while True:
            try:
                parts = await self.client.iopub_channel.socket.recv_multipart()
                size, count = size + sum(map(len, parts)), count + 1
                if size > MAX_OUTPUT_BYTES or count > MAX_MESSAGES:
                    ran.ended, ran.alive, ran.reason = "dead", False, f"it printed more than {MAX_OUTPUT_BYTES >> 20} MB"
                    return
                if kept > MAX_KEPT_BYTES and sum(map(len, parts)) > 2000:
                    continue
                said = self.client.session.deserialize(self.client.session.feed_identities(parts)[1])
                if said["parent_header"].get("msg_id") != message:
                    continue
                kind, content = said["msg_type"], said["content"]
                if kind == "status" and content.get("execution_state") == "idle":
                    return
                if kind in OUTPUTS and kept <= MAX_KEPT_BYTES and len(ran.outputs) < MAX_KEPT:
                    kept += sum(map(len, parts))
                    _keep(ran.outputs, kind, content)
            except zmq.ZMQError:
                return
            except Exception:  # what no kernel of ours would send
                continue

    async def kill(self) -> None:
        """End the kernel and all that it started."""
        await self.process.kill()
        await self.process.wait()

    async def close(self) -> None:
        """End it, and remove its folder."""
        if hasattr(self, "client"):
            self.client.stop_channels()
            self.context.destroy(linger=0)
        if hasattr(self, "process"):
            await self.kill()
        if hasattr(self, "lane"):
            self.lane.close()
        sandbox.clean(self.folder)


def _keep(outputs: list[dict], kind: str, content: dict) -> None:
    """Add an output as a notebook has it; what is no text or picture is left out, and streams are joined."""
    if kind == "stream":
        name, text = ("stderr" if content["name"] == "stderr" else "stdout"), sound(content["text"])
        if outputs and outputs[-1]["output_type"] == "stream" and outputs[-1]["name"] == name:
            outputs[-1]["text"] += text
        else:
            outputs.append({"output_type": "stream", "name": name, "text": text})
    elif kind == "error":
        lines = [sound(line) for line in content["traceback"]]
        outputs.append(
            {"output_type": "error", "ename": sound(content["ename"]), "evalue": sound(content["evalue"]), "traceback": lines}
        )
    else:
        kinds = ("text/plain", "image/png", "image/jpeg")
        data = {mime: sound(content["data"][mime]) for mime in kinds if isinstance(content["data"].get(mime), str)}
        if data:
            outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
