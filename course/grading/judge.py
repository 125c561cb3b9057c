"""The trusted process that judges one submission's values by the answer key; it runs none of the student's code.

It is forked for each submission, so that values made to be slow or large to judge end it and nothing else.
"""

import json
import pickle
import re
import socket
import struct
import sys

from course.grading.key import Call
from course.grading.result import CheckResult
from course.grading.unwire import WireError, decode
from course.grading.verdict import MAX_CHECKS, Verdict
from course.grading.wire import Opaque, Raised, sound

MAX_MESSAGE = 600  # what a process says of itself is no letter to its author


def unpack(block: bytes) -> tuple[list, Raised | None]:
    """What arrived, and the error that ended the cell, from what `inside.pack` wrote; WireError for anything else."""
    view, place = memoryview(block), 0

    def take(count):
        nonlocal place
        if count > len(view) - place:
            raise WireError("the block is cut short")
        place += count
        return view[place - count : place]

    def piece():
        return bytes(take(struct.unpack(">Q", take(8))[0]))

    first = piece()
    stopped = decode(first) if first else None
    if stopped is not None and not isinstance(stopped, Raised):
        raise WireError("the cell ended with something that is no error")
    arrived = []
    while place < len(view):
        if len(arrived) > MAX_CHECKS:
            raise WireError("more values than any test sends")
        number, turn, count = struct.unpack(">III", take(12))
        if count > 2:
            raise WireError("more values than a check compares")
        arrived.append((number, turn, [piece() for _ in range(count)]))
    return arrived, stopped


def judge(calls: list[Call], block: bytes | None, hidden: set[int], close: bool = False) -> dict:
    """One test cell: whether it passed, its checks in their order, and the student's lines that an error went through.

    block: None where nothing came. hidden: the places of the checks that students do not see; of these the hint alone is told.
    close: the process has held what its author may not read, so that none of its words are told.
    """
    try:
        arrived, stopped = unpack(block) if block is not None else ([], None)
    except WireError as error:
        arrived, stopped, unread = [], None, str(error)
    else:
        unread = "" if block is not None else "nothing came from this test"
    verdict = Verdict(arrived, stopped)
    for call in calls:
        verdict(call.place, call.kind, hint=call.hint, **call.given())
    outcomes, found = verdict.finish(), {}
    for one in outcomes:
        secret = one.place is None or one.place in hidden
        words = close and _words((one.place, one.turn), arrived, stopped)
        message = _told(one, secret or words) if not one.held else ""
        known = found.get(one.place)
        if known is None or (known.held and not one.held):
            found[one.place] = CheckResult(one.hint, one.held, message, secret and one.place is not None)
    failed = [one for one in outcomes if not one.held]
    return {
        "passed": not failed and not unread,
        "unwritten": bool(failed) and all(one.unwritten for one in failed),
        "unread": unread,
        "checks": [vars(one) for one in found.values()],
        "where": sound(_where(arrived, stopped)),
        "full": sound(failed[0].message[:4000]) if failed else "",
    }


def _words(key: tuple, arrived: list, stopped: Raised | None) -> bool:
    """Whether what came for a check is text, or holds any."""
    found = [message for place, turn, messages in arrived if (place, turn) == key for message in messages]
    try:
        return stopped is not None or any(_is_text(decode(one)) for one in found)
    except WireError:
        return True


def _is_text(value) -> bool:
    if isinstance(value, dict):
        return any(map(_is_text, [*value, *value.values()]))
    if isinstance(value, (list, tuple)):
        return any(map(_is_text, value))
    return isinstance(value, (str, Raised, Opaque))


def _told(outcome, secret: bool) -> str:
    """The message for a student: of a hidden check its hint, and the kind of error if that is one of Python's own."""
    if not secret or outcome.unwritten or outcome.place is None:
        return sound(outcome.message[:MAX_MESSAGE])
    raised = re.search(r"\n  Your code raised (\w+)", outcome.message)
    kind = raised and raised[1] in dir(__builtins__ if not isinstance(__builtins__, dict) else __import__("builtins"))
    return f"{outcome.hint}\n  Your code raised {raised[1]}." if kind else outcome.hint


def _where(arrived, stopped) -> str:
    """The lines that the first error went through."""
    for _, _, messages in arrived:
        for message in messages:
            try:
                value = decode(message)
            except WireError:
                continue
            if isinstance(value, Raised):
                return value.where
    return stopped.where if stopped else ""


def serve(connection: socket.socket) -> None:
    """Answer requests until the grader hangs up: first the key, then (a test cell's name, its hidden places, a block) each."""
    with connection, connection.makefile("rwb") as stream:

        def read():
            head = stream.read(8)
            return stream.read(struct.unpack(">Q", head)[0]) if len(head) == 8 else None

        key = pickle.loads(read())  # from the grader, who made it
        while (request := read()) is not None:
            request = json.loads(request)
            block = read() if request["came"] else None
            reply = json.dumps(judge(key[request["name"]], block, set(request["hidden"]), request["close"])).encode()
            stream.write(struct.pack(">Q", len(reply)) + reply)
            stream.flush()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
