"""The course's plan as data: phases, exercises, tracks, readings and thirty days, from syllabus.toml beside this file."""

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from course.errors import CourseError


@dataclass(frozen=True)
class Reading:
    """Something to watch or read. `kind`: watch, read or paper; `minutes`: 0 for what is there to be looked things up in."""

    title: str
    url: str
    kind: str
    track: str
    minutes: int = 0
    note: str = ""


@dataclass(frozen=True)
class Exercise:
    """An exercise as planned. `track`: core or full; `needs`: the exercises to do before it."""

    name: str
    title: str
    points: int
    minutes: int
    track: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Track:
    """A way through the whole course; `hours`: from, to."""

    name: str
    title: str
    hours: tuple[int, int]
    summary: str


@dataclass(frozen=True)
class Phase:
    """One notebook's worth of the course. `before`: for who lacks the prerequisites; `later`: what can wait."""

    name: str
    title: str
    summary: str
    core_hours: int
    full_hours: int
    prerequisites: str
    advice: str
    before: tuple[Reading, ...]
    readings: tuple[Reading, ...]
    later: tuple[Reading, ...]
    exercises: tuple[Exercise, ...] = ()

    @property
    def points(self) -> int:
        """The points of all its exercises."""
        return sum(exercise.points for exercise in self.exercises)

    def on(self, track: str) -> tuple[Exercise, ...]:
        """The exercises of a track: all are on full."""
        _check_track(track)
        return tuple(exercise for exercise in self.exercises if track in ("full", exercise.track))

    def minutes(self, track: str = "full") -> int:
        """The minutes that a track's exercises take; the phase's planned hours where no exercise is listed yet."""
        hours = self.core_hours if _check_track(track) == "core" else self.full_hours
        return sum(exercise.minutes for exercise in self.on(track)) if self.exercises else 60 * hours


@dataclass(frozen=True)
class PlanDay:
    """One of the thirty days: what to do at the notebook, and the paper to read."""

    day: int
    phase: str
    do: str
    read: Reading


@dataclass(frozen=True)
class Syllabus:
    """The whole plan."""

    title: str
    tracks: tuple[Track, ...]
    phases: tuple[Phase, ...]
    plan: tuple[PlanDay, ...]


@functools.cache
def load() -> Syllabus:
    """The syllabus, read once."""
    raw = tomllib.loads(resources.files("course").joinpath("syllabus.toml").read_text("utf-8"))
    phases = {entry["name"]: _phase(entry) for entry in raw["phases"]}
    tracks = tuple(Track(**entry | {"hours": tuple(entry["hours"])}) for entry in raw["tracks"])
    plan = tuple(_day(day, entry, phases[entry["phase"]]) for day, entry in enumerate(raw["plan"]["days"], 1))
    return Syllabus(raw["title"], tracks, tuple(phases.values()), plan)


def phase(name: str) -> Phase:
    """The phase called `name`; CourseError names those there are."""
    for candidate in load().phases:
        if candidate.name == name:
            return candidate
    raise CourseError(f"There is no phase called {name!r}: choose from {', '.join(known.name for known in load().phases)}.")


def opening(phase_or_name: Phase | str) -> str:
    """Markdown for a notebook's first lines: tracks with their time, what to watch or read first, what to leave for later."""
    chosen = _resolve(phase_or_name)
    first = ", ".join(_link(reading) for reading in chosen.readings if reading.track == "core")
    later = ", ".join(_link(reading) for reading in chosen.later)
    return "\n\n".join([_tracks_table(chosen), f"**First:** {first}.", f"**Leave for later:** {later}."]) + "\n"


def as_markdown(phase_or_name: Phase | str) -> str:
    """Markdown of a phase's whole "where to start": prerequisites, tracks, everything to watch and read, a word of advice."""
    chosen = _resolve(phase_or_name)
    parts = [f"## {chosen.title}", chosen.summary, f"**Before you start:** {chosen.prerequisites}", _bullets(chosen.before)]
    parts += [_tracks_table(chosen)]
    for heading, kind in (("Watch", "watch"), ("Read", "read"), ("Papers", "paper")):
        listed = _bullets(reading for reading in chosen.readings if reading.kind == kind)
        parts += [f"**{heading}**", listed] if listed else []
    parts += ["**Leave for later**", _bullets(chosen.later), chosen.advice]
    return "\n\n".join(part for part in parts if part) + "\n"


def plan_markdown() -> str:
    """Markdown table of the thirty days."""
    titles = {known.name: known.title for known in load().phases}
    rows = [f"| {day.day} | {titles[day.phase]} | {day.do} | [{day.read.title}]({day.read.url}) |" for day in load().plan]
    return "\n".join(["| Day | Phase | Do | Read |", "|---:|---|---|---|", *rows]) + "\n"


def duration(minutes: int) -> str:
    """Minutes as people say them: '45 min', '3 h', '3 h 5 min'."""
    hours, rest = divmod(round(minutes), 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else []))


def _phase(entry: dict) -> Phase:
    lists = {key: tuple(Reading(**item) for item in entry[key]) for key in ("before", "readings", "later")}
    items = entry.get("exercises", [])
    exercises = tuple(Exercise(**item | {"needs": tuple(item.get("needs", ()))}) for item in items)
    return Phase(**entry | lists | {"exercises": exercises})


def _day(day: int, entry: dict, phase: Phase) -> PlanDay:
    [paper] = [reading for reading in phase.readings if reading.kind == "paper" and reading.title.startswith(entry["read"])]
    return PlanDay(day, entry["phase"], entry["do"], paper)


def _check_track(track: str) -> str:
    if track not in ("core", "full"):
        raise CourseError(f"There is no track called {track!r}: choose core or full.")
    return track


def _resolve(phase_or_name: Phase | str) -> Phase:
    return phase_or_name if isinstance(phase_or_name, Phase) else phase(phase_or_name)


def _link(reading: Reading) -> str:
    extra = "; ".join(filter(None, [duration(reading.minutes) if reading.minutes else "", reading.note]))
    return f"[{reading.title}]({reading.url})" + (f" ({extra})" if extra else "")


def _bullets(readings) -> str:
    return "\n".join(f"- {_link(reading)}" for reading in readings)


def _tracks_table(chosen: Phase) -> str:
    rows = []
    for track in load().tracks:
        exercises = chosen.on(track.name)
        points = sum(exercise.points for exercise in exercises)
        every = "the core exercises" if track.name == "core" else "every exercise"
        what = f"{len(exercises)} exercises, {points} points" if exercises else every
        rows.append(f"| {track.title} (*{track.name}*) | {what} | about {chosen.minutes(track.name) / 60:.0f} h |")
    return "\n".join(["| Track | What | Time |", "|---|---|---|", *rows])
