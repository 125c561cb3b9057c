"""A phase's notebook as grading sees it: what is sent for each cell, which checks are hidden, who builds on whom."""

import ast
import functools
from dataclasses import dataclass, field

import nbformat

from course import answers, notebooks
from course.grading import split
from course.grading.key import Material
from course.grading.names import binds, live_before


@dataclass
class Test:
    """A graded cell. `hidden`: the places of its hidden checks; `makes`: whether later cells need a name that it binds."""

    name: str
    title: str
    points: float
    probe: str
    hidden: set[int]
    makes: bool


@dataclass
class Task:
    """An exercise: the reference's text, the id of its solution cell, its tests' names, the exercises that it builds on."""

    name: str
    title: str
    reference: str
    tests: list[str] = field(default_factory=list)
    builds_on: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """All of it, read from a `Material` once."""

    notebook: object
    tests: dict[str, Test]
    tasks: dict[str, Task]
    owner: dict[str, str]  # the exercise of each cell id from its solution to its last test
    binds: dict[str, set[str]]  # the names that the course's cells in an exercise's stretch bind, tests among them
    seconds: dict[str, float]


@functools.lru_cache(maxsize=8)
def imports(material: Material) -> tuple[str, ...]:
    """What the course's own cells import, each as `module` or `module:name`, for a warm process to have it already."""
    found = {}
    for cell in nbformat.reads(material.notebook, as_version=4).cells:
        if answers.runs(cell) and not notebooks.is_solution(cell) and not notebooks.is_graded(cell):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.Import):
                    found |= dict.fromkeys(one.name for one in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found |= dict.fromkeys(f"{node.module}:{one.name}" for one in node.names)
    return tuple(found)


def _hidden(source: str) -> set[int]:
    """The places of the checks between the markers of hidden tests."""
    lines, inside, secret = source.splitlines(), False, set()
    for number, line in enumerate(lines, 1):
        inside = line.strip() == notebooks.BEGIN_HIDDEN or (inside and line.strip() != notebooks.END_HIDDEN)
        secret |= {number} if inside else set()
    return {one.place for one in split.find_checks(ast.parse(source)).values() if one.statement.lineno in secret}


def _title(source: str) -> str:
    """The first line of a cell's docstring."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _clean(source: str) -> str:
    """A solution without its markers."""
    return "\n".join(one for one in source.splitlines() if one.strip() not in (notebooks.BEGIN_SOLUTION, notebooks.END_SOLUTION))



@functools.lru_cache(maxsize=8)
def plan(material: Material) -> Plan:
    """The plan of a phase; kept, for a class is graded by one."""
    from course.syllabus import load

    known = {one.name: one for phase in load().phases if phase.name == material.phase for one in phase.exercises}
    nb = nbformat.reads(material.notebook, as_version=4)
    cells = [cell for cell in nb.cells if answers.runs(cell)]
    sources = [_clean(cell.source) for cell in cells]
    probes = split.probe_sources([(text, notebooks.is_graded(cell)) for text, cell in zip(sources, cells, strict=True)])
    later, makes = set(), {}
    for cell, probe in zip(reversed(cells), reversed(probes), strict=True):
        makes[cell.id] = bool(set().union(set(), *map(binds, ast.parse(probe).body)) & later)
        later = live_before(probe, later)
    tests = {
        notebooks.grade_id(cell): Test(
            notebooks.grade_id(cell),
            _title(cell.source),
            float(cell.metadata.nbgrader.points),
            probe,
            _hidden(cell.source),
            makes[cell.id],
        )
        for cell, probe in zip(cells, probes, strict=True)
        if notebooks.is_graded(cell)
    }
    tasks, owner = {}, {}
    for one in notebooks.exercises(nb):
        name = one.name
        title, needs = (known[name].title, list(known[name].needs)) if name in known else (name, [])
        tasks[name] = Task(name, title, _clean(nb.cells[one.solution].source), builds_on=needs)
        tasks[name].tests = [notebooks.grade_id(nb.cells[place]) for place in one.tests]
        for place in range(one.solution, max(one.tests, default=one.solution) + 1):
            owner[nb.cells[place].id] = name
    _trace(cells, sources, tasks, owner)
    bound = {name: set() for name in tasks}
    for cell, probe in zip(cells, probes, strict=True):
        if cell.id in owner:
            bound[owner[cell.id]] |= set().union(set(), *map(binds, ast.parse(probe).body))
    return Plan(nb, tests, tasks, owner, bound, material.seconds)


def _trace(cells, sources, tasks: dict[str, Task], owner: dict[str, str]) -> None:
    """Fill in `builds_on`: whose names an exercise's cells load, through whatever is made of them in between."""
    origin: dict[str, set[str]] = {}
    for cell, source in zip(cells, sources, strict=True):
        used = set().union(set(), *(origin.get(name, set()) for name in live_before(source, set())))
        here = owner.get(cell.id)
        if here:
            known = tasks[here].builds_on
            known += sorted((used - {here} - set(known)), key=list(tasks).index)
        if notebooks.is_graded(cell):
            continue
        made = {here} | used if notebooks.is_solution(cell) else used
        for name in set().union(set(), *map(binds, ast.parse(source).body)):
            origin[name] = set(made)
