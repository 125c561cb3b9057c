"""Submitted folders: which students there are, the bytes of a notebook, when it came in. No link is followed, nothing waits."""

import datetime
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course.grading.reading import AGAIN, MAX_BYTES, Unreadable, find_submission

TIMESTAMP, MAX_TIMESTAMP = "timestamp.txt", 200  # bytes


@dataclass
class Handed:
    """What a student handed in: the notebook's bytes, or the problem; how it was found; when, if a timestamp says so."""

    student: str
    data: bytes | None = None
    problem: str = ""
    repairs: list[str] = field(default_factory=list)
    time: datetime.datetime | None = None


def read_plain(path: Path, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a plain file; OSError for a link, a pipe, a folder or a device."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(f"{path.name} is no plain file")
        return stream.read(limit + 1)


def load(folder: Path, phase: str) -> bytes:
    """The bytes of the phase's notebook in a student's folder; Unreadable where there is none that can be read."""
    path = find_submission(folder, phase).path
    try:
        return read_plain(path, MAX_BYTES)
    except OSError as error:
        raise Unreadable(f"{path.name!r} cannot be read ({error.strerror or error}): {AGAIN}") from None


def hand_in(folder: Path, phase: str, student: str) -> Handed:
    """What is in a student's folder, whatever state it is in."""
    found = Handed(student, time=timestamp(folder))
    try:
        found.repairs = find_submission(folder, phase).repairs
        found.data = load(folder, phase)
    except Unreadable as problem:
        found.problem = str(problem)
    except OSError as error:
        found.problem = f"The folder cannot be read ({error.strerror or error}): mend its permissions and grade again."
    return found


def timestamp(folder: Path) -> datetime.datetime | None:
    """When a submission came in (UTC, without a zone, as nbgrader keeps it), from its timestamp.txt; None without a sound one."""
    try:
        if Path(folder).is_symlink():
            return None
        text = read_plain(Path(folder) / TIMESTAMP, MAX_TIMESTAMP)
        if len(text) > MAX_TIMESTAMP:
            return None
        when = datetime.datetime.fromisoformat(re.sub(r"\s*UTC$", "+00:00", text.decode("ascii").strip()))
        return when.astimezone(datetime.UTC).replace(tzinfo=None) if when.tzinfo else when
    except (OSError, ValueError, OverflowError):
        return None


def students(submitted: Path, phase: str, only: str | None = None) -> Iterator[tuple[str, Path]]:
    """The students who have a folder for the phase, by name; a link is no folder."""
    if not submitted.is_dir():
        return
    for folder in sorted(submitted.iterdir()):
        place = folder / phase
        sound = not folder.name.startswith(".") and not folder.is_symlink() and folder.is_dir()
        if sound and (only is None or folder.name == only) and (place.is_dir() or place.is_symlink()):
            yield folder.name, place
