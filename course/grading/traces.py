"""Whether a failed exercise has left traces: what the cells before it made, compared with itself before and after.

This runs in the student's process and saves a new one. A process that lies about it spoils its own later exercises alone.
"""

import builtins
import os
import sys
import threading
import warnings
import zlib

WATCHED = ("builtins", "math", "random", "numpy", "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.optim")
WATCHED += ("torch.autograd", "torch.Tensor", "torch.nn.Module", "course.check", "IPython", "itertools", "functools")
IPYTHON = {"In", "Out", "get_ipython", "exit", "quit", "open"}
ASKS = {"input", "display", "_"}  # which every kernel puts anew into builtins for each cell
MAX_NODES = 300_000
PLAIN = (type(None), bool, int, float, complex, str, bytes)

_before: dict = {}


class TracesLeft(Exception):
    """Something that stood before is not as it was."""


def remember(namespace: dict) -> None:
    """Take down how things stand."""
    _before.clear()
    _before.update(_standing(namespace, None))


def compare(namespace: dict, own: set[str]) -> None:
    """TracesLeft where anything differs from what `remember` took down; own: the names that the exercise is to define."""
    now = _standing(namespace, set(_before["names"]))
    public = {name for name in dir(builtins) if not name.startswith("_")}
    if set(namespace) & public - IPYTHON - set(_before["names"]):
        raise TracesLeft("a name of Python's own has another meaning")
    for name, mark in _before["names"].items():
        if name not in own and now["names"].get(name) != mark:
            raise TracesLeft(name)
    for name, members in _before["modules"].items():
        found = now["modules"].get(name, {})
        if changed := [one for one, mark in members.items() if found.get(one) != mark]:
            raise TracesLeft(f"{name}.{changed[0]}")
    if now["settings"] != _before["settings"]:
        raise TracesLeft("a setting")


def _standing(namespace: dict, only: set[str] | None) -> dict:
    digest = _Digest()
    skipped = IPYTHON if only is None else set()
    names = {
        name: digest(value)
        for name, value in list(namespace.items())
        if not name.startswith("_") and name not in skipped and (only is None or name in only)
    }
    return {"names": names, "modules": _modules(), "settings": _settings()}


def _modules() -> dict[str, dict[str, int]]:
    """The identity of every member of the watched modules and classes."""
    found = {}
    for path in WATCHED:
        module, _, member = path.rpartition(".")
        thing = sys.modules.get(path) or getattr(sys.modules.get(module), member, None)
        if thing is not None:
            members = list(vars(thing).items())
            found[path] = {name: id(value) for name, value in members if not name.startswith("__") and name not in ASKS}
    return found


def _settings() -> tuple:
    """What changes how everything after it computes, and what still runs."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    found = [os.getcwd(), sys.getrecursionlimit(), threading.active_count(), len(warnings.filters), tuple(sys.path)]
    found.append(sum(name.isdigit() for name in os.listdir("/proc")) if os.path.isdir("/proc") else 0)
    found += [sys.gettrace(), sys.getprofile()]
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    found.append(bool(getattr(shell, "exit_now", False)))
    if torch is not None:
        found += [torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.get_default_device()]
        found += [torch.are_deterministic_algorithms_enabled(), torch.is_anomaly_enabled()]
    if numpy is not None:
        found.append(tuple(numpy.geterr().items()))
    return tuple(found)


class _Digest:
    """A value's mark: equal for a value that nobody has touched."""

    def __init__(self):
        self.nodes, self.seen = 0, {}

    def __call__(self, value):
        kind = type(value)
        if kind in PLAIN:
            return kind.__name__, repr(value) if kind is float else value
        if id(value) in self.seen:
            return "again", id(value)
        self.seen[id(value)] = value
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise TracesLeft("there is too much to compare")
        return (id(value), *self._inside(value, kind))

    def _inside(self, value, kind) -> tuple:
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if torch is not None and isinstance(value, torch.Tensor):
            plain = value.detach().cpu().flatten().clone(memory_format=torch.contiguous_format)
            raw = plain.view(torch.uint8).numpy() if value.numel() else b""
            return tuple(value.shape), str(value.dtype), value.requires_grad, zlib.crc32(raw), self(value.grad)
        if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype != object:
            return value.shape, str(value.dtype), zlib.crc32(numpy.ascontiguousarray(value))
        if torch is not None and isinstance(value, torch.Generator):
            return (zlib.crc32(value.get_state().numpy()),)
        if kind in (list, tuple, set, frozenset):
            try:
                if all(type(one) in PLAIN for one in value):
                    return (len(value), hash(tuple(value)) if kind in (list, tuple) else hash(frozenset(value)))
            except TypeError:
                pass
            return tuple(map(self, value))
        if isinstance(value, dict):
            return tuple((self(key), self(one)) for key, one in value.items())
        if isinstance(value, type):
            return tuple((name, id(one)) for name, one in vars(value).items())
        if callable(value) and hasattr(value, "__code__"):
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            return id(value.__code__), self(value.__defaults__), self(value.__kwdefaults__), self(vars(value)), self(cells)[1:]
        if isinstance(value, type(sys)):
            return ()
        return (self(vars(value)),) if hasattr(value, "__dict__") else ()
