"""What processes of the grader import at their start, and what they do not."""

import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

# jsonschema, which nbformat imports, compiles a grammar of internationalized addresses with it: one to three seconds in every
# process, for a format that no notebook's schema has. Where the package is not there, jsonschema goes without.
NEEDLESS = ("rfc3987_syntax",)
# These start a thread at import, after which a process must not fork. scikit-learn imports pyarrow, through pandas, if it can.
THREADED = ("pyarrow",)


def trim() -> None:
    """Have the packages in NEEDLESS count as missing in this process, unless they are imported already."""
    _hide(NEEDLESS)


@contextmanager
def threadless() -> Iterator[None]:
    """Within it the packages in THREADED count as missing, unless they are imported already."""
    _hide(THREADED)
    try:
        yield
    finally:
        for name in THREADED:
            if sys.modules[name] is None:
                del sys.modules[name]


def load(modules: Iterable[str]) -> None:
    """Import what each names: `module`, or `module:name`, as some packages import a part only when it is asked for."""
    for one in modules:
        module, _, wanted = one.partition(":")
        found = importlib.import_module(module)
        if wanted:
            getattr(found, wanted, None)


def _hide(names: tuple[str, ...]) -> None:
    for name in names:
        sys.modules.setdefault(name, None)
