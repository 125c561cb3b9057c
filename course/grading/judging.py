"""The grader's end of the judging process: a question with a time limit, and a new process where one did not answer."""

import asyncio
import contextlib
import json
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field

from course.grading import warm

JUDGE_LIMIT_S, MAX_REPLY_BYTES = 30, 16 << 20
MEMORY_BYTES = 2 << 30


@dataclass
class Judgement:
    """What `judge.judge` says of a test cell."""

    passed: bool = False
    unwritten: bool = False
    unread: str = ""
    checks: list[dict] = field(default_factory=list)
    where: str = ""
    full: str = ""


class Judge:
    """A judging process as a context; it has the answer key, and no file, network or student's code."""

    process = None  # of a judge without a sandbox

    def __init__(self, address: str | None, calls: bytes):
        self.address, self.calls = address, calls

    async def __aenter__(self) -> "Judge":
        await self._start()
        return self

    async def __aexit__(self, *_) -> None:
        await self._stop()

    async def _start(self) -> None:
        connection = warm.judge(self.address, {"memory_bytes": MEMORY_BYTES}) if self.address else self._open_judge()
        connection.setblocking(False)
        self.reader, self.writer = await asyncio.open_unix_connection(sock=connection)
        self._put(self.calls)

    def _open_judge(self) -> socket.socket:
        """A judge without a sandbox, for where there is none."""
        mine, its = socket.socketpair()
        with its:
            command = [sys.executable, "-m", "course.grading.judge", str(its.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
        return mine

    async def _stop(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _put(self, data: bytes) -> None:
        self.writer.write(struct.pack(">Q", len(data)) + data)

    async def ask(self, name: str, hidden: set[int], block: bytes | None, close: bool = False) -> Judgement:
        """What is to be said of a test cell's values. Values that no judge can be done with in time have failed."""
        try:
            return await asyncio.wait_for(self._ask(name, hidden, block, close), JUDGE_LIMIT_S)
        except (TimeoutError, asyncio.IncompleteReadError, OSError, ValueError, TypeError) as error:
            await self._stop()
            await self._start()
            late = isinstance(error, TimeoutError)
            return Judgement(unread="that took too long" if late else "it was more than the grader can hold")

    async def _ask(self, name, hidden, block, close) -> Judgement:
        self._put(json.dumps({"name": name, "hidden": sorted(hidden), "came": block is not None, "close": close}).encode())
        if block is not None:
            self._put(block)
        await self.writer.drain()
        size = struct.unpack(">Q", await self.reader.readexactly(8))[0]
        if size > MAX_REPLY_BYTES:
            raise ValueError("a reply that is too long")
        return Judgement(**json.loads(await self.reader.readexactly(size)))
