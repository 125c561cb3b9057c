"""The plan: what it promises adds up, and every link and name in it is whole."""

import re
from importlib import resources
from urllib.parse import urlsplit

import pytest

from course import syllabus
from course.errors import CourseError

PHASES = ["foundations", "transformers", "scaling", "alignment", "inference"]
HOURS = {"foundations": (3, 9), "transformers": (3, 10), "scaling": (3, 10), "alignment": (3, 11), "inference": (3, 9)}


def readings():
    for phase in syllabus.load().phases:
        yield from (*phase.before, *phase.readings, *phase.later)


def test_five_phases_with_their_hours():
    phases = syllabus.load().phases
    assert [phase.name for phase in phases] == PHASES
    assert {phase.name: (phase.core_hours, phase.full_hours) for phase in phases} == HOURS
    assert all(phase.title and phase.summary and phase.prerequisites and phase.advice and phase.later for phase in phases)


def test_the_tracks_hold_the_phases_hours():
    core, full = syllabus.load().tracks
    assert (core.name, full.name) == ("core", "full")
    assert core.hours[0] <= sum(phase.core_hours for phase in syllabus.load().phases) <= core.hours[1]
    assert full.hours[0] <= sum(phase.full_hours for phase in syllabus.load().phases) <= full.hours[1]


@pytest.mark.parametrize("phase", [phase for phase in syllabus.load().phases if phase.exercises], ids=lambda phase: phase.name)
def test_exercises_add_up(phase):
    names = [exercise.name for exercise in phase.exercises]
    assert len(names) == len(set(names)) and phase.points == 100
    assert phase.minutes("core") == pytest.approx(60 * phase.core_hours, abs=30)
    assert phase.minutes("full") == pytest.approx(60 * phase.full_hours, abs=30)
    for place, exercise in enumerate(phase.exercises):
        assert re.fullmatch(r"[a-z][a-z0-9-]*", exercise.name) and exercise.title
        assert exercise.points > 0 and exercise.minutes > 0 and exercise.track in ("core", "full")
        assert set(exercise.needs) <= set(names[:place])
        needed = [other for other in phase.exercises if other.name in exercise.needs]
        assert exercise.track == "full" or all(other.track == "core" for other in needed)


def test_foundations():
    phase = syllabus.phase("foundations")
    assert (phase.minutes("core"), phase.minutes("full"), len(phase.on("core")), len(phase.on("full"))) == (180, 530, 9, 15)
    assert {exercise.name: exercise.needs for exercise in phase.exercises if exercise.needs} == {
        "value-backward": ("value-ops",),
        "value-mlp": ("value-backward",),
        "train-moons": ("value-mlp",),
    }


def test_a_phase_without_exercises_yet_has_its_planned_time():
    bare = syllabus.Phase("x", "X", "", 3, 9, "", "", (), (), ())
    assert (bare.points, bare.minutes("core"), bare.minutes()) == (0, 180, 540)


def test_thirty_days_a_paper_each():
    plan = syllabus.load().plan
    assert [day.day for day in plan] == list(range(1, 31))
    assert [phase for phase in dict.fromkeys(day.phase for day in plan)] == PHASES
    assert len({day.read.url for day in plan}) == 30 and all(day.read.kind == "paper" and day.do for day in plan)


@pytest.mark.parametrize("phase", [phase for phase in syllabus.load().phases if phase.exercises], ids=lambda phase: phase.name)
def test_the_days_do_every_exercise_in_order(phase):
    done = " ".join(day.do for day in syllabus.load().plan if day.phase == phase.name)
    places = [re.search(rf"(?<![\w-]){exercise.name}(?![\w-])", done) for exercise in phase.exercises]
    assert all(places) and [place.start() for place in places] == sorted(place.start() for place in places)


def test_links_are_whole():
    for reading in readings():
        parts = urlsplit(reading.url)
        assert parts.scheme == "https" and "." in parts.netloc and not re.search(r"\s", reading.url), reading
        assert reading.kind in ("watch", "read", "paper") and reading.track in ("core", "full") and reading.minutes >= 0
        if parts.netloc == "arxiv.org":
            assert re.fullmatch(r"/abs/\d{4}\.\d{4,5}", parts.path), reading
        if parts.netloc == "www.youtube.com":
            assert re.fullmatch(r"v=[\w-]{11}", parts.query), reading


def test_a_link_stands_once_a_phase():
    for phase in syllabus.load().phases:
        urls = [reading.url for reading in (*phase.before, *phase.readings, *phase.later)]
        assert len(urls) == len(set(urls))


def test_the_file_is_in_the_package_and_read_once():
    assert resources.files("course").joinpath("syllabus.toml").is_file()
    assert syllabus.load() is syllabus.load()


def test_unknown_names_are_told_the_known_ones():
    with pytest.raises(CourseError) as error:
        syllabus.phase("fondations")
    assert str(error.value) == f"There is no phase called 'fondations': choose from {', '.join(PHASES)}."
    with pytest.raises(CourseError, match="choose core or full"):
        syllabus.phase("foundations").minutes("weekend")
    with pytest.raises(CourseError, match="no phase called"):
        syllabus.opening("x")


@pytest.mark.parametrize("name", PHASES)
def test_a_notebook_opens_with_where_to_start(name):
    phase = syllabus.phase(name)
    text = syllabus.opening(name)
    assert text == syllabus.opening(phase)
    assert "about 3 h" in text and f"about {phase.full_hours} h" in text
    assert all(f"]({reading.url})" in text for reading in (*phase.later, *(one for one in phase.readings if one.track == "core")))
    prose = re.sub(r"\(https://\S+?\)|[|*\[\]-]", " ", text)
    assert len(prose.split()) <= 120


@pytest.mark.parametrize("name", PHASES)
def test_the_whole_list_is_in_the_markdown(name):
    phase, text = syllabus.phase(name), syllabus.as_markdown(name)
    assert text.startswith(f"## {phase.title}\n") and phase.advice in text and phase.prerequisites in text
    assert all(f"[{reading.title}]({reading.url})" in text for reading in (*phase.before, *phase.readings, *phase.later))


def test_the_plan_as_a_table():
    lines = syllabus.plan_markdown().splitlines()
    assert len(lines) == 32 and {line.count("|") for line in lines} == {5}


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 min"), (45, "45 min"), (60, "1 h"), (185, "3 h 5 min")])
def test_durations(minutes, text):
    assert syllabus.duration(minutes) == text
