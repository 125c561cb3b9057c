"""The trusted side of a check: what arrived, against what is right. What arrives can be numbers and text, and no more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from course import check
from course.grading.unwire import decode
from course.grading.wire import Opaque, Raised, WireError

MAX_CHECKS = 10_000


@dataclass(frozen=True)
class Outcome:
    """One check at one turn: message is empty if it held; unwritten if the exercise is a stub still."""

    place: int | None
    turn: int
    hint: str
    message: str
    unwritten: bool = False

    @property
    def held(self) -> bool:
        return not self.message


class Verdict:
    """`__verdict__` of one test cell.

    arrived: (place, turn, messages) in the order that they came; stopped: the error that ended the cell there, if one did.
    Every check is judged; the cell has passed only if every one held, and nothing else came.
    """

    def __init__(self, arrived: Iterable, stopped: Raised | None = None):
        self.arrived, self.strays = [], 0
        for place, turn, messages in list(arrived)[: MAX_CHECKS + 1]:
            if type(place) is int and type(turn) is int and isinstance(messages, (list, tuple)):
                self.arrived.append(((place, turn), messages))
            else:
                self.strays += 1
        self.stopped, self.outcomes, self.turns, self.last = stopped, [], Counter(), -1
        self.finished = False

    def __call__(self, place: int, kind: str, *, hint: str, **given):
        turn, self.turns[place] = self.turns[place], self.turns[place] + 1
        try:
            self._judge(kind, self._received((place, turn), 2 if kind == "same" else 1, hint), hint, given)
            message, unwritten = "", False
        except (check.CheckFailed, check.NotWritten) as error:
            message, unwritten = str(error) or "It is not written yet.", isinstance(error, check.NotWritten)
        except Exception as error:  # what is expected was computed before this: only what arrived can be the reason
            message, unwritten = f"{hint}\n  What came for this check could not be judged: {type(error).__name__}", False
        self.outcomes.append(Outcome(place, turn, hint, message, unwritten))

    def finish(self) -> list[Outcome]:
        """Every check's outcome, and one more where something came that nobody asked for, or nothing was checked."""
        if not self.finished:
            asked = {(one.place, one.turn) for one in self.outcomes}
            if self.strays or any(key not in asked for key, _ in self.arrived):
                self.outcomes.append(Outcome(None, 0, "", "Values came that no check asked for."))
            if self.stopped is not None and all(one.held for one in self.outcomes):
                self.outcomes.append(Outcome(None, 0, "", f"The test cell ended with {self.stopped!r}"))
            if not self.outcomes:
                self.outcomes.append(Outcome(None, 0, "", "Nothing was checked."))
            self.finished = True
        return self.outcomes

    @property
    def passed(self) -> bool:
        return all(one.held for one in self.finish())

    @property
    def first(self) -> Outcome | None:
        """The check that fails the cell, as it would in a notebook."""
        return next((one for one in self.finish() if not one.held), None)

    def _received(self, key, count, hint):
        """The values that came for this check, each once and in its order."""
        places = [i for i, (one, _) in enumerate(self.arrived) if one == key]
        if not places:
            if self.stopped is not None:
                _raise(self.stopped, f"{hint}\n  The test cell ended before this check: {self.stopped!r}")
            raise check.CheckFailed(f"{hint}\n  No value came for this check.")
        if len(places) > 1 or places[0] < self.last:
            raise check.CheckFailed(f"{hint}\n  A value came {'twice' if len(places) > 1 else 'out of order'} for this check.")
        self.last, messages = places[0], self.arrived[places[0]][1]
        if len(messages) != count:
            raise check.CheckFailed(f"{hint}\n  Not as many values came as this check compares.")
        try:
            return [decode(one) for one in messages]
        except WireError as error:
            raise check.CheckFailed(f"{hint}\n  What came for this check cannot be read: {error}.") from None

    def _judge(self, kind, values, hint, given):
        if kind == "raises":
            return _judge_raises(values[0], given["exception"], hint)
        for value in values:
            if isinstance(value, Raised):
                _raise(value, f"{hint}\n  Your code raised {value!r}")
        if kind == "that" and _holds_opaque(values[0]):
            raise check.CheckFailed(f"{hint}\n  expected: numbers, tensors or strings\n  got: {values[0]!r}"[:2000])
        other = values[1] if kind == "same" else given.get("expected")
        if kind != "that" and _size(values[0]) > 16 * _size(other) + 100_000:
            raise check.CheckFailed(f"{hint}\n  expected: {_size(other)} numbers\n  got: {_size(values[0])}")
        rest = {name: one for name, one in given.items() if name != "expected"}
        if kind == "that":
            return check.that(values[0], rest["predicate"], hint)
        getattr(check, kind)(values[0], other, hint, **rest)


def _raise(raised: Raised, message: str):
    """The exception that a check in the student's own notebook would have raised."""
    if "builtins.NotImplementedError" in raised.names:
        raise check.NotWritten(raised.message)
    raise check.CheckFailed(raised.message if f"{check.__name__}.CheckFailed" in raised.names else message)


def _judge_raises(value, exception, hint):
    classes = exception if isinstance(exception, tuple) else (exception,)
    names = " or ".join(one.__name__ for one in classes)
    if not isinstance(value, Raised):
        raise check.CheckFailed(f"{hint}\n  expected: {names}\n  got: no error, but {repr(value)[:200]}")
    if not {f"{one.__module__}.{one.__qualname__}" for one in classes} & set(value.names):
        _raise(value, f"{hint}\n  expected: {names}\n  got: {value!r}")


def _inside(value):
    """The value and all that it holds."""
    yield value
    if isinstance(value, (list, tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _inside(one)


def _holds_opaque(value) -> bool:
    return any(isinstance(one, (Opaque, Raised)) for one in _inside(value))


def _size(value) -> int:
    """How many numbers it holds, about."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.numel() if isinstance(value, torch.Tensor) else value.size
    if isinstance(value, (list, tuple, dict)):
        return sum(map(_size, value.values() if isinstance(value, dict) else value))
    return 1
