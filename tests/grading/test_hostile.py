"""The hostile corpus against the grader: what each must score, must not show, must not leave behind, and how long it may take.

HOSTILE=forging/skip_tag,harm/ tries those alone.
"""

import json
import os
import tempfile
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import corpus, table
from hostile.worker import Hung, Worker

from course.grading import sandbox
from course.grading.engine import Limits
from course.grading.feedback import page
from course.grading.key import material
from course.grading.reading import Unreadable
from course.grading.submission import load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(sandbox.missing()), reason="no sandbox here: no hostile submission may run"),
]
LIMITS = Limits(cell_s=5, times=15, total_s=45)
SECONDS, MEMORY, DISK = 75, 5 << 30, 3 << 30
CHOSEN = [name for name in os.environ.get("HOSTILE", "").split(",") if name]
CORPUS = [one for one in corpus.submissions() if not CHOSEN or any(one.name.startswith(name) for name in CHOSEN)]


class Acts(HTMLParser):
    """What a page holds that runs, loads or leads away: elements, handlers, addresses."""

    def __init__(self, text: str):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "iframe", "object", "embed", "form", "input", "base", "foreignobject", "animate", "set"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            value = "".join((value or "").split()).lower()
            if name.startswith("on") or name in ("srcdoc", "action", "formaction") or (tag, value) == ("meta", "refresh"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "xlink:href") and not value.startswith(("#", "https://", "http://", "data:image/")):
                self.found.append(f"{name}={value[:50]}")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class's folder with things that no submission may see, and a folder of its own for all that the grader makes."""
    folder = tmp_path_factory.mktemp("class")
    scratch = folder / "scratch"
    scratch.mkdir()
    # What runs as nobody has to reach its own folder.
    for one in (scratch, *scratch.parents):
        if one.stat().st_uid == os.getuid() and str(one).startswith(tempfile.gettempdir() + "/"):
            one.chmod(0o755)
    nb = corpus.honest()
    nb.cells[0].source += "\n\n" + corpus.SECRETS["another student's notebook"]
    handed = folder / "submitted" / "neighbour" / corpus.PHASE / f"{corpus.PHASE}.ipynb"
    handed.parent.mkdir(parents=True)
    handed.write_bytes(corpus.to_bytes(nb))
    (folder / "gradebook.db").write_text(corpus.SECRETS["the gradebook"])
    source = folder / "source" / corpus.PHASE / f"{corpus.PHASE}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes(corpus.to_bytes(corpus.source()))
    key = folder / "home" / ".ssh" / "id_rsa"
    key.parent.mkdir(parents=True)
    key.write_text(corpus.SECRETS["the grader's home"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_TOKEN", corpus.SECRETS["the grader's environment"])
        patch.setattr(tempfile, "tempdir", str(scratch))
        patch.setenv("TMPDIR", str(scratch))
        yield folder


@pytest.fixture(scope="module")
def phase():
    return material(corpus.source(), corpus.PHASE)


@pytest.fixture(scope="module")
def grader(course):
    with Worker(LIMITS, 2 * SECONDS) as found:
        yield found


class Watch:
    """How much memory and disk the machine lost at most while this ran."""

    def __enter__(self):
        self.start, self.least, self.done = self.left(), self.left(), threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def left(self):
        memory = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if "MemAvailable" in line)
        disk = os.statvfs(tempfile.gettempdir())
        return memory << 10, disk.f_bavail * disk.f_frsize

    def look(self):
        while not self.done.wait(0.1):
            self.least = tuple(map(min, self.least, self.left()))

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.memory, self.disk = (before - after for before, after in zip(self.start, self.least, strict=True))


def grade(grader, phase, folder):
    """The result, or why the file cannot be read."""
    try:
        return grader.grade(phase, load(folder, corpus.PHASE))
    except Unreadable as problem:
        from course.grading.result import Result

        return Result(corpus.PHASE, quarantined=str(problem))
    except Hung as problem:
        pytest.fail(str(problem))


def shown(result) -> str:
    """The feedback page."""
    return page(result, "eve", "Hostile")


def told(result) -> tuple[str, str]:
    """All that a student may come to see, and what the student's own cells showed, which the instructor's notebook keeps."""
    parts = json.loads(result.to_json())
    notebook = json.loads(parts.pop("notebook") or '{"cells": []}')
    for exercise in parts["exercises"]:
        exercise.pop("source")
    outputs = [cell.get("outputs", []) for cell in notebook["cells"]]
    outputs = [one for cell in outputs for one in cell if one.get("ename") != "CheckFailed"]
    return json.dumps(parts, ensure_ascii=False) + shown(result), json.dumps(outputs, ensure_ascii=False)


def processes() -> set[int]:
    """All that this process has started, and that is still there."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def folders() -> set[Path]:
    """The kernels' folders."""
    return set(Path(tempfile.gettempdir()).glob("k-*"))


def left(before: set[int]) -> set[int]:
    """The processes that are there besides those, and do not end by themselves at once."""
    end = time.monotonic() + 5
    while (found := processes() - before) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_the_corpus_is_large_and_of_every_kind():
    everything = corpus.submissions()
    kinds = [one.kind for one in everything]
    assert len(everything) >= 200 and min(kinds.count(kind) for kind in corpus.KINDS) >= 20
    assert len({one.name for one in everything}) == len(everything)


def test_honest_work_scores_full_and_none_scores_nothing(grader, phase):
    result = grader.grade(phase, corpus.to_bytes(corpus.honest()))
    assert (result.quarantined, result.score) == ("", result.points) and result.points == 30
    assert grader.grade(phase, corpus.to_bytes(corpus.honest(solved=False))).score == 0


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_held(one, grader, phase, course):
    folder = course / "submitted" / f"{one.kind}-{one.path.stem}" / corpus.PHASE
    folder.mkdir(parents=True)
    folder = one.lay(folder)
    grader.start()
    before, there, start = processes(), folders(), time.monotonic()
    with Watch() as watch:
        result = grade(grader, phase, folder)
    seconds = time.monotonic() - start
    (text, outputs), wrong = told(result), [one.complaint(result)]
    wrong += [f"shows {what}" for what, secret in corpus.SECRETS.items() if secret in text]
    # The reference's solution is there to be built on once an exercise is over; no student sees what is printed then.
    secrets = {what: secret for what, secret in corpus.SECRETS.items() if what != "the reference's solution"}
    wrong += [f"could read {what}" for what, secret in secrets.items() if secret in outputs]
    wrong += [f"the page holds {what}" for what in Acts(shown(result)).found]
    wrong += [f"a result of {len(result.to_json()):,} characters"] if len(result.to_json()) > 20_000_000 else []
    wrong += ["cannot be written"] if text.encode(errors="replace") != text.encode(errors="surrogatepass") else []
    wrong += [f"took {seconds:.0f} s"] if seconds > SECONDS else []
    wrong += [f"took {watch.memory >> 20} MB of memory"] if watch.memory > MEMORY else []
    wrong += [f"took {watch.disk >> 20} MB of disk"] if watch.disk > DISK else []
    wrong += ["left a process"] if left(before) else []
    wrong += ["left a folder"] if folders() - there else []
    wrong = [words for words in wrong if words]
    assert not wrong, (wrong, result.quarantined, result.notes, result.exercises)
    # Whoever comes next is graded as if nobody had been before.
    if one.kind == "harm":
        assert grader.grade(phase, corpus.to_bytes(corpus.honest())).score == 30


def test_the_table_lists_every_submission(root):
    committed = (root / "docs" / "hostile.md").read_text("utf-8")
    assert committed == table.text(), "write it again: python tests/grading/hostile/table.py"
    recorded = json.loads((table.HERE / "stock.json").read_text("utf-8"))["results"]
    assert sorted(recorded) == sorted(one.name for one in corpus.submissions())
