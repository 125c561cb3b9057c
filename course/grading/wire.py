"""How values travel from a student's process: never pickled, read strictly, and nothing is ever executed.

`encode` imports nothing but the standard library; torch and numpy are used where the process has them already. Every message is
a tag and its content: tensors and arrays as dtype, shape and raw bytes, plain scalars, strings, and tuples, lists and dicts of
them (their subclasses travel as their content). Whatever else there is, or is too much, travels as `Opaque`.
"""

import struct
import sys
import traceback

MAGIC = b"CW1"
MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MAX_STRING, MAX_INT_BYTES, MAX_AXES = 64 << 20, 32, 1_000_000, 1 << 20, 1024, 32
DTYPES = {"bool": 1, "uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float16": 2, "bfloat16": 2, "float32": 4}
DTYPES |= {"float64": 8, "float8_e4m3fn": 1, "float8_e5m2": 1}
NUMPY = set(DTYPES) - {"bfloat16", "float8_e4m3fn", "float8_e5m2"}


class WireError(ValueError):
    """These bytes are no message: cut short, too long, or not what encode writes."""


class Opaque:
    """Something that does not travel: it equals nothing, itself included, and no check can hold of it."""

    __slots__ = ("name", "text")
    __hash__ = object.__hash__

    def __init__(self, name: str, text: str):
        self.name, self.text = name, text

    def __eq__(self, other):
        return False

    def __repr__(self):
        return f"<{self.name}: {self.text}>"


class Raised:
    """An exception of the student's code: the names of its classes, the most special first, its message, and the lines of code
    that it went through, the last one last."""

    __slots__ = ("names", "message", "where")

    def __init__(self, names: list[str], message: str, where: str = ""):
        self.names, self.message, self.where = list(names), message, where

    @classmethod
    def of(cls, error: BaseException) -> "Raised":
        names = [f"{one.__module__}.{one.__qualname__}"[:200] for one in type(error).__mro__[:30]]
        return cls(names, _safely(str, error, 2000), _safely(_lines, error, 2000))

    def __repr__(self):
        return f"{self.names[0].rpartition('.')[2] if self.names else 'Exception'}: {self.message}"


class _TooMuch(Exception):
    pass


def _lines(error) -> str:
    """The last lines of code that the error went through, one to a line; those that nobody can read are left out."""
    frames = traceback.extract_tb(error.__traceback__, limit=-30)
    return "\n".join(frame.line for frame in frames if frame.line and "\n" not in frame.line)


def sound(value) -> str:
    """The value as text, without what UTF-8 cannot write."""
    return str(value).encode("utf-8", "backslashreplace").decode()


def _safely(show, value, width):
    try:
        return str(show(value))[:width]
    except Exception:
        return "…"


def encode(value) -> bytes:
    """The value as bytes; what is over a limit as an Opaque that says so."""
    try:
        parts, room = [MAGIC], [MAX_BYTES - 1024, MAX_ITEMS]
        _write(value, parts, room, 0)
    except Exception as limit:  # an object that pretends to be a list may raise anything
        parts, text = [MAGIC], str(limit) if type(limit) is _TooMuch else "it cannot be read"
        _write(Opaque(type(value).__name__[:100], text), parts, [MAX_BYTES, 9], 0)
    return b"".join(parts)


def decode(message: bytes):
    """The value in a message, on the trusted side; WireError for anything that `encode` would not have written."""
    from course.grading import unwire

    return unwire.decode(message)


def _write(value, parts, room, depth):
    def put(*pieces):
        room[0] -= sum(map(len, pieces))
        if room[0] < 0:
            raise _TooMuch(f"over {MAX_BYTES >> 20} MB")
        parts.extend(pieces)

    def string(tag, text):
        raw = str.encode(text, "utf-8", "surrogatepass")
        if len(raw) > MAX_STRING:
            raise _TooMuch("a string that is too long")
        put(tag, struct.pack(">I", len(raw)), raw)

    room[1] -= 1
    if room[1] < 0 or depth > MAX_DEPTH:
        raise _TooMuch("too many entries" if room[1] < 0 else "nested too deeply")
    kind = type(value)
    if value is None or kind is bool:
        put({None: b"N", True: b"T", False: b"F"}[value])
    elif kind is int and value.bit_length() < 8 * MAX_INT_BYTES:
        raw = value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
        put(b"i", struct.pack(">I", len(raw)), raw)
    elif kind is float:
        put(b"f", struct.pack(">d", value))
    elif kind is str:
        string(b"s", value)
    elif issubclass(kind, (list, tuple)):  # isinstance would ask the object itself
        base = list if issubclass(kind, list) else tuple
        put(b"l" if base is list else b"t", struct.pack(">I", base.__len__(value)))
        for item in base.__iter__(value):
            _write(item, parts, room, depth + 1)
    elif issubclass(kind, dict) and all(type(key) in (str, int) for key in dict.keys(value)):
        put(b"d", struct.pack(">I", dict.__len__(value)))
        for key, item in dict.items(value):
            _write(key, parts, room, depth + 1)
            _write(item, parts, room, depth + 1)
    elif kind is Raised:
        put(b"r", struct.pack(">I", len(value.names)))
        for text in (*value.names, value.message, value.where):
            string(b"s", text)
    elif (numbers := _numbers(value, room[0])) is not None:
        tag, name, shape, raw = numbers
        head = struct.pack(f">B{len(shape)}Q", len(shape), *shape)
        put(tag, struct.pack(">B", len(name)), name.encode(), head, struct.pack(">Q", len(raw)), raw)
    else:
        opaque = value if kind is Opaque else Opaque(kind.__name__, _safely(repr, value, 200))
        put(b"o")
        string(b"s", opaque.name[:100])
        string(b"s", opaque.text[:200])


def _numbers(value, room):
    """(tag, dtype, shape, raw bytes) of a plain tensor, array or NumPy scalar; None of anything else."""
    torch, numpy, kind = sys.modules.get("torch"), sys.modules.get("numpy"), type(value)
    try:
        if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
            name, shape = str(value.dtype).removeprefix("torch."), tuple(map(int, value.shape))
            if name not in DTYPES or value.layout is not torch.strided or len(shape) > MAX_AXES:
                return None
            if value.numel() * DTYPES[name] > room:
                raise _TooMuch(f"over {MAX_BYTES >> 20} MB")
            # contiguous() leaves one number with a stride of 3 as it is, and then it cannot be viewed as bytes.
            flat = value.detach().cpu().resolve_neg().reshape(-1).clone(memory_format=torch.contiguous_format)
            return b"A", name, shape, flat.view(torch.uint8).numpy().tobytes()
        if numpy is not None and (kind is numpy.ndarray or issubclass(kind, numpy.generic)):
            name = value.dtype.name
            if name not in NUMPY or kind not in (numpy.ndarray, value.dtype.type) or value.ndim > MAX_AXES:
                return None
            if value.nbytes > room:
                raise _TooMuch(f"over {MAX_BYTES >> 20} MB")
            little = value.astype(value.dtype.newbyteorder("<"))
            return b"a" if kind is numpy.ndarray else b"g", name, value.shape, little.tobytes()
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        pass
    return None
