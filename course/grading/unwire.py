"""The trusted side of `wire`: bytes to values, strictly. No byte of a message is executed or trusted to be what it says."""

import math
import struct

import numpy as np
import torch

from course.grading.wire import DTYPES, MAGIC, MAX_AXES, MAX_BYTES, MAX_DEPTH, MAX_INT_BYTES, MAX_ITEMS, MAX_STRING, NUMPY
from course.grading.wire import Opaque as Opaque
from course.grading.wire import Raised as Raised
from course.grading.wire import WireError as WireError


def decode(message: bytes):
    """The value that `encode` wrote; WireError for anything that it would not have written."""
    if not isinstance(message, bytes) or len(message) > MAX_BYTES or message[: len(MAGIC)] != MAGIC:
        raise WireError("no message, or one that is too long")
    reader = _Reader(message, len(MAGIC))
    value = reader.node(0)
    if reader.place != len(message):
        raise WireError("bytes after the end")
    return value


class _Reader:
    def __init__(self, message, place):
        self.message, self.place, self.items = memoryview(message), place, 0

    def take(self, count):
        if count > len(self.message) - self.place:
            raise WireError("cut short")
        self.place += count
        return self.message[self.place - count : self.place]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def count(self):
        """How many entries follow: each takes a byte at least."""
        found = self.number(">I")
        if found > min(MAX_ITEMS, len(self.message) - self.place):
            raise WireError("too many entries")
        return found

    def node(self, depth):
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("too deep, or too many entries")
        tag = bytes(self.take(1))
        if tag in (b"N", b"T", b"F"):
            return {b"N": None, b"T": True, b"F": False}[tag]
        if tag == b"i":
            size = self.number(">I")
            if not 0 < size <= MAX_INT_BYTES:
                raise WireError("a whole number of a wrong length")
            return int.from_bytes(self.take(size), "big", signed=True)
        if tag == b"f":
            return self.number(">d")
        if tag == b"s":
            return self.string()
        if tag in (b"l", b"t"):
            found = [self.node(depth + 1) for _ in range(self.count())]
            return found if tag == b"l" else tuple(found)
        if tag == b"d":
            return self.dictionary(depth)
        if tag == b"r":
            if (count := self.count()) > 30:
                raise WireError("more classes than an exception has")
            names = [self.text() for _ in range(count)]
            return Raised(names, self.text(), self.text())
        if tag == b"o":
            return Opaque(self.text(), self.text())
        if tag in (b"A", b"a", b"g"):
            return self.numbers(tag)
        raise WireError("an unknown tag")

    def string(self):
        size = self.number(">I")
        if size > MAX_STRING:
            raise WireError("a string that is too long")
        try:
            return bytes(self.take(size)).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise WireError("a string that is not UTF-8") from None

    def text(self):
        if bytes(self.take(1)) != b"s":
            raise WireError("a string was to come")
        if len(text := self.string()) > 2000:
            raise WireError("a name or a message that is too long")
        return text

    def dictionary(self, depth):
        found = {}
        for _ in range(self.count()):
            key = self.node(depth + 1)
            if type(key) not in (str, int) or key in found:
                raise WireError("a key of a wrong type, or twice the same")
            found[key] = self.node(depth + 1)
        return found

    def numbers(self, tag):
        name = bytes(self.take(self.number(">B"))).decode("ascii", "replace")
        axes = self.number(">B")
        if name not in (DTYPES if tag == b"A" else NUMPY) or axes > MAX_AXES or (tag == b"g" and axes):
            raise WireError("a dtype or a shape that cannot be")
        shape = tuple(self.number(">Q") for _ in range(axes))
        size = self.number(">Q")
        if size != math.prod(shape) * DTYPES[name]:
            raise WireError("dtype, shape and length do not agree")
        raw = np.frombuffer(self.take(size), np.uint8).copy()
        if name == "bool" and raw.size and raw.max() > 1:
            raise WireError("a truth value that is neither 0 nor 1")
        try:
            if tag == b"A":
                flat = torch.from_numpy(raw).view(getattr(torch, name)) if size else torch.empty(0, dtype=getattr(torch, name))
                return flat.reshape(shape)
            array = raw.view(np.dtype(name).newbyteorder("<")).astype(name).reshape(shape)
            return array[()] if tag == b"g" else array
        except (RuntimeError, ValueError, OverflowError, TypeError, AttributeError):
            raise WireError("a shape that cannot be") from None
