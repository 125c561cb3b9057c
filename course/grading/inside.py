"""What runs in the student's process: a test cell's probe, and the way out for the values that it computes.

Nothing here is secret and nothing here decides. Values leave as one block of bytes over a socket in the working folder.
"""

import linecache
import socket
import struct

from course.grading.hook import hook
from course.grading.wire import Raised, encode

LANE = ".sockets/v"
MAX_BLOCK_BYTES = 96 << 20


def run(source: str, name: str, token: str, lane: str, namespace: dict) -> None:
    """Execute a probe, and send what it computed; whatever it raises is sent as well, so this returns."""
    sent, room, stopped = [], [MAX_BLOCK_BYTES - (1 << 20)], None

    def send(place, turn, messages):
        room[0] -= sum(map(len, messages)) + 64
        if room[0] < 0:
            raise MemoryError("the values of this test are too large to be sent")
        sent.append((place, turn, messages))

    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace["__probe__"] = hook(send)
    try:
        exec(compile(source, filename, "exec"), namespace)
    except BaseException as error:  # an interrupt, or a student's SystemExit, ends the cell and not the grading
        stopped = Raised.of(error)
    finally:
        namespace.pop("__probe__", None)
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(lane)
        way.sendall(token.encode() + pack(sent, stopped))


def pack(sent: list, stopped: Raised | None = None) -> bytes:
    """The error that ended the cell (nothing if none did), then each check's place, turn and values."""

    def piece(data):
        return struct.pack(">Q", len(data)) + data

    parts = [piece(encode(stopped) if stopped else b"")]
    for place, turn, messages in sent:
        parts += [struct.pack(">III", place, turn, len(messages)), *map(piece, messages)]
    return b"".join(parts)
