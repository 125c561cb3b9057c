"""Values travel whole or not at all; a message that encode would not have written is refused."""

import collections
import enum
import math
import pickle
import struct
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from course import check
from course.grading import wire
from course.grading.wire import MAGIC, Opaque, Raised, WireError, decode, encode


def same_value(one, other):
    if isinstance(other, torch.Tensor):
        return type(one) is torch.Tensor and one.dtype == other.dtype and one.shape == other.shape and bits(one) == bits(other)
    if isinstance(other, (np.ndarray, np.generic)):
        return (
            type(one) is type(other)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(other, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(other, dict):
        return list(one) == list(other) and all(same_value(one[key], other[key]) for key in other)
    return type(one) is type(other) and (one == other or (one != one and other != other))


def bits(x):
    return x.detach().reshape(-1).clone(memory_format=torch.contiguous_format).view(torch.uint8).tolist()


PLAIN = [
    None,
    True,
    False,
    0,
    -1,
    127,
    128,
    -128,
    2**63,
    -(10**300),
    0.1,
    -0.0,
    math.inf,
    math.nan,
    "",
    "a",
    "π\0\ud800",
    [],
    (),
    {},
]
NESTED = [[1, (2.0, "x", [None])], {"a": [1], 3: {"b": (True,)}, -1: None}, [[[[[[1]]]]]], [math.nan, (math.inf,)]]
TENSORS = [
    torch.zeros(()),
    torch.arange(6).reshape(2, 3).T,
    torch.ones(1).expand(3, 4),
    torch.empty(0, 3),
    torch.arange(9.0)[::3].split(2)[1],  # one number, with a stride of 3
    torch.tensor([True, False]),
    torch.tensor([1.5, math.nan, -math.inf], dtype=torch.bfloat16),
    torch.arange(6.0, dtype=torch.float64).view(2, 3)[:, ::2],
    *(
        torch.tensor([0, 1, 100]).to(one)
        for one in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.float16, torch.float32)
    ),
]
ARRAYS = [
    np.arange(6).reshape(2, 3).T,
    np.array(3.5),
    np.zeros((0, 2), np.float16),
    np.array([True]),
    np.float64(0.1),
    np.int8(-3),
    np.True_,
]


@pytest.mark.parametrize("value", [*PLAIN, *NESTED, *TENSORS, *ARRAYS, TENSORS, {"t": TENSORS}], ids=lambda one: repr(one)[:30])
def test_values_come_back_as_they_were(value):
    assert same_value(decode(encode(value)), value)


def test_what_is_only_for_autograd_is_left_behind():
    for value in (torch.ones(2, requires_grad=True), nn.Parameter(torch.ones(2)), torch.ones(2, requires_grad=True) * 1):
        assert same_value(decode(encode(value)), torch.ones(2)) and not decode(encode(value)).requires_grad


def test_subclasses_of_collections_travel_as_their_content():
    class Liar(list):
        def __len__(self):
            return 0

        def __iter__(self):
            return iter([7])

    assert decode(encode(Liar([1, 2]))) == [1, 2]
    assert decode(encode(torch.ones(2, 3).shape)) == (2, 3)
    assert decode(encode(collections.OrderedDict(a=1))) == {"a": 1}
    assert same_value(decode(encode(torch.tensor([1, 3, 2]).max(0))), (torch.tensor(3), torch.tensor(1)))
    assert decode(encode(np.arange(3, dtype=">i4"))).tolist() == [0, 1, 2]


class Everything:
    """An object that equals everything."""

    def __eq__(self, other):
        return True

    def __float__(self):
        return 1.0

    def __torch_function__(self, *args, **kwargs):
        return torch.ones(())


class Hook(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs):
        return torch.tensor(True)


class Whole(int):
    __eq__ = Everything.__eq__
    __hash__ = int.__hash__


class Rude:
    def __repr__(self):
        raise RuntimeError("no")

    @property
    def __class__(self):
        return list


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # quantized tensors are on their way out
    QUANTIZED = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)

STRANGE = {
    "object": Everything(),
    "tensor subclass": torch.ones(2).as_subclass(Hook),
    "int subclass": Whole(3),
    "enum": enum.IntEnum("E", "a").a,
    "object array": np.array([Everything()], dtype=object),
    "text array": np.array(["a"]),
    "complex": 1j,
    "complex tensor": torch.ones(2, dtype=torch.complex64),
    "sparse": torch.eye(2).to_sparse(),
    "quantized": QUANTIZED,
    "meta": torch.ones(2, device="meta"),
    "bytes": b"raw",
    "set": {1},
    "function": len,
    "tuple keys": {(1, 2): 3},
    "bool keys": {True: 1},
    "rude": Rude(),
    "numpy subclass": np.ones(2).view(np.matrix),
    "record": np.zeros(2, dtype=[("a", "i4")]),
    "huge int": 1 << 100_000,
}


@pytest.mark.parametrize("kind", STRANGE)
def test_anything_else_is_opaque_and_equals_nothing(kind):
    got = decode(encode(STRANGE[kind]))
    assert type(got) is Opaque and not got == got and got != got and len(repr(got)) < 400
    with pytest.raises(check.CheckFailed, match="a number or a tensor"):
        check.close(got, 1.0, "hint")
    for expected in (1.0, [1], None, got):
        with pytest.raises(check.CheckFailed):
            check.equal(got, expected, "hint")
    with pytest.raises(check.CheckFailed):
        check.close([1.0, decode(encode([STRANGE[kind]]))[0]], [1.0, 1.0], "hint")


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (nested(wire.MAX_DEPTH + 1), "deep"),
        (nested(5000), "deep"),
        ("x" * (wire.MAX_STRING + 1), "long"),
        ([0] * (wire.MAX_ITEMS + 1), "many"),
        (torch.zeros(1).expand(wire.MAX_BYTES), "MB"),
        ([np.zeros(wire.MAX_BYTES // 16)] * 3, "MB"),
    ],
    ids=["depth", "much depth", "string", "items", "one tensor", "together"],
)
def test_limits_make_it_opaque_and_say_why(value, says):
    got = decode(encode(value))
    assert type(got) is Opaque and says in got.text


def test_a_circle_is_opaque():
    circle = []
    circle.append(circle)
    assert type(decode(encode(circle))) is Opaque


def test_exceptions_travel_by_name():
    class Own(NotImplementedError):
        pass

    got = decode(encode(Raised.of(Own("x" * 5000))))
    assert type(got) is Raised and got.names[0].endswith("Own") and "builtins.NotImplementedError" in got.names
    assert 0 < len(got.message) <= 2000

    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    assert decode(encode(Raised.of(Mute()))).message == "…"


def tensor(name=b"float32", shape=(2,), raw=bytes(8), size=None, tag=b"A"):
    head = struct.pack(f">B{len(shape)}Q", len(shape), *shape)
    return MAGIC + tag + struct.pack(">B", len(name)) + name + head + struct.pack(">Q", len(raw) if size is None else size) + raw


def items(tag, count, *nodes):
    return MAGIC + tag + struct.pack(">I", count) + b"".join(nodes)


GARBAGE = {
    "nothing": b"",
    "no magic": b"xyz",
    "only magic": MAGIC,
    "unknown tag": MAGIC + b"?",
    "pickle": pickle.dumps([1, 2]),
    "bytes after the end": encode(1) + b"N",
    "cut short": encode([1, 2.0, "three"])[:-1],
    "int without bytes": MAGIC + b"i" + struct.pack(">I", 0),
    "long int": MAGIC + b"i" + struct.pack(">I", 5000) + bytes(5000),
    "list longer than its message": items(b"l", 2**32 - 1),
    "short list": items(b"l", 2, b"N"),
    "same key twice": items(b"d", 2, b"s\0\0\0\1a", b"N", b"s\0\0\0\1a", b"T"),
    "key of a wrong type": items(b"d", 1, b"f" + bytes(8), b"N"),
    "list as a key": items(b"d", 1, b"l" + bytes(4), b"N"),
    "bad utf-8": MAGIC + b"s\0\0\0\1\xff",
    "nested too deeply": MAGIC + (b"l" + struct.pack(">I", 1)) * 5000 + b"N",
    "dtype unknown": tensor(b"object"),
    "dtype attribute": tensor(b"Tensor"),
    "bfloat16 array": tensor(b"bfloat16", raw=bytes(4), tag=b"a"),
    "shape too large": tensor(shape=(3,)),
    "shape too small": tensor(shape=(1,)),
    "shape overflows": tensor(shape=(2**63, 2, 2**63), raw=b""),
    "nothing of a large shape": tensor(shape=(0, 2**63, 2**63), raw=b""),
    "size lies": tensor(size=2**62),
    "too many axes": tensor(shape=(1,) * 60, raw=bytes(4)),
    "scalar with axes": tensor(tag=b"g"),
    "bool of 2": tensor(b"bool", raw=b"\1\2"),
    "opaque without text": MAGIC + b"oN",
    "a long message": items(b"r", 0, b"s" + struct.pack(">I", 3000) + b"x" * 3000),
    "raised of numbers": items(b"r", 1, b"N", b"N"),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_refused(kind):
    with pytest.raises(WireError):
        decode(GARBAGE[kind])


def test_no_change_of_a_message_gets_further_than_wire_error():
    message = bytearray(encode({"a": [1, torch.ones(2, dtype=torch.bfloat16)], "b": (np.float64(2), "text", Opaque("a", "b"))}))
    rng = np.random.default_rng(0)
    for _ in range(3000):
        changed = bytearray(message)
        for place in rng.integers(0, len(message), rng.integers(1, 4)):
            changed[place] = rng.integers(256)
        try:
            decode(bytes(changed[: rng.integers(3, len(message) + 1)]))
        except WireError:
            pass


def test_the_student_side_imports_nothing_heavy():
    code = "import sys; from course.grading import hook, wire; wire.encode([1]); print({'torch', 'numpy'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
