"""What tests are made of: each check compares what the student's code computed with what is right, and teaches when they differ.

The first argument is always what the student's code computed. It may be a function of no arguments, which the check calls, so
that an error inside the student's code becomes a message of the check. The expected value is written inside the call.
"""

import traceback
from collections import Counter
from contextlib import contextmanager
from unittest import mock

import numpy as np
import torch

# (relative, absolute) tolerance by the narrower of the two dtypes; override with rtol= and atol=. A plain float may have been
# a float32 before, so it is held to less than float64 can do. Half precision counts only where it is expected: an answer in
# fewer bits gets no wider tolerance.
TOLERANCE = {torch.float64: (1e-7, 1e-9), torch.float32: (1e-4, 1e-5), torch.bfloat16: (2e-2, 1e-2), torch.float16: (2e-3, 1e-3)}
PLAIN = (1e-6, 1e-8)
NUMBERS = (torch.Tensor, np.ndarray, np.generic, bool, int, float)


class CheckFailed(AssertionError):
    """A check did not hold. The message says what was expected, what came, and asks about the likely cause."""

    def _render_traceback_(self):
        """What a notebook shows instead of a long traceback: the message, where the student's code broke, the test's line."""
        lines = [f"\x1b[31m✗ {self}\x1b[0m"]
        if self.__cause__ is not None:
            last = traceback.extract_tb(self.__cause__.__traceback__)[-1]
            lines.append(f"  raised in {last.name}, line {last.lineno}: {last.line}")
        tested = [frame.line for frame in traceback.extract_tb(self.__traceback__) if frame.filename != __file__ and frame.line]
        return lines + [f"  the test: {tested[-1]}"] * bool(tested)


class NotWritten(NotImplementedError):
    """The exercise is a stub still: a notebook shows the one line that says which, without a traceback."""

    def _render_traceback_(self):
        return [f"\x1b[33m○ {self}\x1b[0m"]


def _generator(seed, shape):
    return np.random.default_rng([seed, len(shape), *shape])


def normal(*shape, seed=0, dtype=torch.float64):
    """Standard normal numbers of the given shape: the same for the same seed and shape, on every machine and in every process."""
    return torch.as_tensor(_generator(seed, shape).standard_normal(shape)).to(dtype)


def uniform(*shape, low=0.0, high=1.0, seed=0, dtype=torch.float64):
    """Numbers spread evenly over [low, high), seeded as `normal` is."""
    return torch.as_tensor(_generator(seed, shape).uniform(low, high, shape)).to(dtype)


def integers(*shape, low=0, high, seed=0):
    """Whole numbers from low to high - 1 as a tensor of dtype long, seeded as `normal` is."""
    return torch.as_tensor(_generator(seed, shape).integers(low, high, shape))


def close(actual, expected, hint, rtol=None, atol=None):
    """Numbers, tensors, arrays, or lists, tuples and dicts of them agree: same structure, same shape, same values to a tolerance.

    rtol and atol default to what the narrower dtype can hold (`TOLERANCE`), half precision only where it is expected. NaN equals
    NaN, and inf equals inf.
    """
    _compare(_value(actual, hint), expected, hint, "", rtol, atol, "expected")


def same(a, b, hint, rtol=None, atol=None):
    """Two results of the student's code agree with one another, as in `close`."""
    _compare(_value(a, hint), _value(b, hint), hint, "", rtol, atol, "the other way gave")


def equal(actual, expected, hint):
    """Whole numbers, strings, booleans, shapes, and lists or dicts of them are exactly equal; tuple, list, tensor alike."""
    got, want = _plain(_value(actual, hint)), _plain(expected)
    if type(got) in (list, dict) and type(got) is type(want) and len(got) != len(want):
        _fail(hint, f"{len(want)} entries", f"{len(got)}: {_short(got)}")
    if type(got) is list and type(want) is list:
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            if one != other:
                _fail(hint, f"{_short(other)} at place {place}", _short(one))
    elif got != want:
        _fail(hint, _short(want), _short(got))


def that(value, predicate, hint):
    """A property holds of what the student's code computed: `predicate(value)` is true. Only numbers, tensors, strings and
    collections of them may be given, so that the property can be judged elsewhere."""
    got = _value(value, hint)
    try:
        holds = bool(predicate(got))
    except Exception as error:
        raise CheckFailed(f"{hint}\n  This could not be judged: {type(error).__name__}: {error}\n  got: {_short(got)}") from None
    if not holds:
        _fail(hint, None, _short(got))


def raises(function, exception, hint):
    """`function()` raises `exception` (a class, or a tuple of classes)."""
    try:
        result = function()
    except exception:
        return
    except NotImplementedError as error:
        raise NotWritten(*error.args) from None
    except Exception as error:
        raise CheckFailed(f"{hint}\n  expected: {_names(exception)}\n  got: {type(error).__name__}: {error}") from error
    _fail(hint, _names(exception), f"no error, but {_short(result)}")


@contextmanager
def calls(*places):
    """Count calls inside a `with` block: `with check.calls("torch.autograd.grad", "torch.Tensor.backward") as count:` gives a
    Counter by place. The functions still work."""
    counter = Counter()

    def counting(place):
        owner, name = place.rsplit(".", 1)
        original = getattr(_resolve(owner), name)

        def counted(*args, **kwargs):
            counter[place] += 1
            return original(*args, **kwargs)

        return mock.patch(place, counted)

    patches = [counting(place) for place in places]
    for patch in patches:
        patch.start()
    try:
        yield counter
    finally:
        for patch in patches:
            patch.stop()


def _resolve(path):
    """The object at a dotted path such as torch.Tensor."""
    import importlib

    head, _, rest = path.partition(".")
    found = importlib.import_module(head)
    for part in filter(None, rest.split(".")):
        found = getattr(found, part)
    return found


def _value(actual, hint):
    """The value itself, or what the function of no arguments gives."""
    if not callable(actual) or isinstance(actual, torch.Tensor):
        return actual
    try:
        return actual()
    except CheckFailed:
        raise
    except NotImplementedError as error:
        raise NotWritten(*error.args) from None
    except Exception as error:
        raise CheckFailed(f"{hint}\n  Your code raised {type(error).__name__}: {error}") from error


def _compare(got, want, hint, place, rtol, atol, word):
    """Walk both structures together, and fail at the first place where they differ."""
    where = f" at {place}" if place else ""
    if got is None and want is not None:
        _fail(f"{hint}\n  Does the function return its result?", f"{_short(want)}{where}", "None", word)
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            _fail(hint, f"a dict with the keys {sorted(want, key=str)}{where}", _short(got), word)
        pairs = [(f"{place}[{key!r}]", got[key], want[key]) for key in want]
    elif isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(got) != len(want):
            _fail(hint, f"{len(want)} results{where}", _short(got), word)
        pairs = [(f"{place}[{i}]", one, other) for i, (one, other) in enumerate(zip(got, want, strict=True))]
    else:
        return _compare_numbers(got, want, hint, where, rtol, atol, word)
    for name, one, other in pairs:
        _compare(one, other, hint, name, rtol, atol, word)


def _compare_numbers(got, want, hint, where, rtol, atol, word):
    if not isinstance(got, NUMBERS):
        _fail(hint, f"a number or a tensor{where}", f"{type(got).__name__}: {_short(got)}", word)
    one, other = (torch.as_tensor(x, dtype=torch.float64).detach().cpu() for x in (got, want))
    if one.shape != other.shape:
        _fail(hint, f"shape {tuple(other.shape)}{where}", f"shape {tuple(one.shape)}", word)
    relative, absolute = max(min(_tolerance(got), TOLERANCE[torch.float32]), _tolerance(want))
    relative, absolute = relative if rtol is None else rtol, absolute if atol is None else atol
    wrong = ~torch.isclose(one, other, relative, absolute, equal_nan=True)
    if wrong.any():
        first = tuple(wrong.nonzero()[0].tolist())
        spot = f" at {list(first)}" if first else ""
        finite = (one - other)[wrong].abs().nan_to_num(float("inf")).max().item()
        many = f" ({int(wrong.sum())} of {wrong.numel()} values differ, by up to {finite:.3g})" if wrong.numel() > 1 else ""
        digits = next(d for d in (6, 12, 17) if d == 17 or f"{one[first]:.{d}g}" != f"{other[first]:.{d}g}")
        _fail(hint, f"{other[first]:.{digits}g}{where}{spot}", f"{one[first]:.{digits}g}{many}", word)


def _tolerance(x):
    exact = TOLERANCE[torch.float64]
    return PLAIN if isinstance(x, float) else TOLERANCE.get(torch.as_tensor(x).dtype, exact)


def _plain(x):
    """Tensors, arrays and tuples as lists, numbers as Python's own, so that == compares values."""
    if isinstance(x, (torch.Tensor, np.ndarray, np.generic)):
        return x.tolist()
    if isinstance(x, (list, tuple)):
        return [_plain(item) for item in x]
    if isinstance(x, dict):
        return {key: _plain(item) for key, item in x.items()}
    return x


def _short(x, width=200):
    text = repr(x)
    return text if len(text) <= width else text[: width - 1] + "…"


def _names(exception):
    return " or ".join(one.__name__ for one in (exception if isinstance(exception, tuple) else (exception,)))


def _fail(hint, expected, got, word="expected"):
    raise CheckFailed("\n  ".join([hint] + [f"{word}: {expected}"] * (expected is not None) + [f"got: {got}"]))
