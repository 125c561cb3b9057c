"""Which of a student's cells is which of the instructor's, whatever became of its metadata.

A cell is known by its name first, then by its text, then by what it defines, then by its lines. A student's text is never
parsed or run here: lines are compared, no more, so text of any kind can be taken.
"""

from dataclasses import dataclass, field

from course.bootstrap import CELL
from course.grading import stubs
from course.grading.reading import MAX_SOURCE, Cell
from course.notebooks import exercises, grade_id, is_solution, visible

LONG = 12  # a line as short as `plt.show()` tells nothing about whose copy it is
TITLE = CELL.splitlines()[0]


@dataclass
class Candidate:
    """A text that may be an exercise's solution.

    `named`: its cell bears the exercise's name; `early`: it stands where a solution may, before the exercise's tests;
    `foreign`: its cell is another one of the instructor's.
    """

    cell: Cell
    text: str
    named: bool
    early: bool
    foreign: bool = False
    efforts: dict[str, int] = field(default_factory=dict)

    @property
    def place(self) -> int:
        """Where its cell stood."""
        return self.cell.place


@dataclass
class Task:
    """An exercise: its solution cell's index, its stub, the names it asks for, its tests' indices, what may be its solution."""

    name: str
    index: int
    stub: str
    names: set[str]
    tests: list[int]
    candidates: list[Candidate] = field(default_factory=list)


@dataclass
class Matched:
    """The student's cells by what they are: copies of the instructor's by index, those of their own, the unreadable."""

    copies: dict[int, list[Cell]] = field(default_factory=dict)
    own: list[Cell] = field(default_factory=list)
    broken: list[Cell] = field(default_factory=list)
    split: set[int] = field(default_factory=set)  # where a cell was joined with the one below


class Reference:
    """The instructor's notebook, looked up by name, by text, by line and by what is defined."""

    def __init__(self, nb):
        """Index `nb`; solutions that are prose or graded by hand count as exercises too."""
        self.cells, self.tasks = nb.cells, {}
        tests = {one.name: one.tests for one in exercises(nb)}
        for index, cell in enumerate(nb.cells):
            if is_solution(cell):
                name, code = grade_id(cell), cell.cell_type == "code"
                names = stubs.names_of(cell.source, name) if code else set()
                stub = stubs.stub(cell.source, name) if code else "YOUR ANSWER HERE"
                self.tasks[index] = Task(name, index, stub, names, tests.get(name, []))
        self.named, self.texts, lines, owners = {}, {}, {}, {}
        for index, cell in enumerate(nb.cells):
            self.named |= {name: index for name in (cell.get("id"), grade_id(cell)) if name}
            for text in (self.released(index), *([] if index in self.tasks else [cell.source])):
                self.texts.setdefault(stubs.plain(text), index)
            for line in {line.strip() for line in self.released(index).splitlines()}:
                lines.setdefault((cell.cell_type, line), []).append(index)
            for name in self.tasks[index].names if index in self.tasks else ():
                owners.setdefault(name, []).append(index)
        # What stands twice tells nothing about whose cell it is.
        self.lines = {line: places[0] for line, places in lines.items() if len(places) == 1 and len(line[1]) >= LONG}
        self.owners = {name: places[0] for name, places in owners.items() if len(places) == 1}

    def released(self, index: int) -> str:
        """A cell's text as the student got it."""
        return self.tasks[index].stub if index in self.tasks else visible(self.cells[index].source)

    def wanted(self, text: str) -> set[int]:
        """The exercises whose names the text defines."""
        found = {*stubs.DEFINITION.findall(text), *stubs.ASSIGNMENT.findall(text)}
        return {self.owners[name] for name in found if name in self.owners}

    def by_name(self, cell: Cell) -> int | None:
        """The instructor's cell whose name or id the cell bears, unless another exercise's solution was written in it."""
        index = self.named.get(cell.grade_id, self.named.get(cell.id))
        if index in self.tasks and self.tasks[index].names and (wanted := self.wanted(cell.source)) and index not in wanted:
            return None
        return index

    def by_text(self, cell: Cell) -> int | None:
        """The instructor's cell with the same text."""
        return self.texts.get(stubs.plain(cell.source))

    def by_lines(self, cell: Cell) -> int | None:
        """The instructor's cell that shares at least half of the lines; of a stub, which grows, one line is enough."""
        lines = [line for line in map(str.strip, cell.source.splitlines()) if len(line) >= LONG]
        votes = {}
        for line in lines:
            if (index := self.lines.get((cell.kind, line))) is not None:
                votes[index] = votes.get(index, 0) + 1
        best = max(votes, key=votes.get, default=None)
        return best if best in self.tasks or 2 * votes.get(best, 0) >= max(len(lines), 1) else None


def set_up(cell: Cell) -> bool:
    """Whether this is the cell that release puts first, or an edited copy."""
    return "bootstrap" in (cell.id, cell.grade_id) or (
        cell.kind == "code" and (TITLE in cell.source or "def set_up_course(" in cell.source)
    )


def _whole(cells: list[Cell], reference: Reference, split: set[int]) -> list[Cell]:
    """The cells, with solutions that were split in mid-definition whole again; their places go into `split`."""
    whole = []
    for cell in cells:
        last = whole[-1] if whole else None
        code = last is not None and last.kind == cell.kind == "code" and len(last.source) + len(cell.source) <= MAX_SOURCE
        if code and stubs.goes_on(cell.source) and reference.wanted(last.source):
            text = stubs.continued(last.source, cell.source)
            whole[-1] = Cell(last.place, "code", text, last.id, last.grade_id, last.problem)
            split.add(last.place)
        else:
            whole.append(cell)
    return whole


def _by_position(reference: Reference, out: Matched) -> None:
    """Give an exercise that nothing was found for the student's own cell between its neighbours, if there is just one."""
    at = {index: cells[0].place for index, cells in out.copies.items()}
    at |= {index: task.candidates[0].place for index, task in reference.tasks.items() if task.candidates}
    for index, task in reference.tasks.items():
        after, before = max((i for i in at if i < index), default=None), min((i for i in at if i > index), default=None)
        if task.candidates or after is None or before is None:
            continue
        between = [cell for cell in out.own if cell.kind == "code" and at[after] < cell.place < at[before]]
        if len(between) == 1:
            task.candidates.append(Candidate(between[0], between[0].source, False, True))
            out.own.remove(between[0])


def match(cells: list[Cell], reference: Reference) -> Matched:
    """Tell the student's cells apart, and give each exercise the texts that may be its solution."""
    out = Matched(broken=[cell for cell in cells if cell.problem])
    for cell in _whole([cell for cell in cells if not cell.problem], reference, out.split):
        text, home, named = cell.source, reference.by_name(cell), True
        started = set_up(cell)
        if started:
            # Dropped, but somebody may have written a solution below it.
            text, home = stubs.without(text, {"set_up_course"}).replace("set_up_course()", "").replace(TITLE, ""), None
        elif home is None:
            home, named = reference.by_text(cell), False
            if home is None and not reference.wanted(text):
                home = reference.by_lines(cell)
        wanted = reference.wanted(text) if cell.kind == "code" else set()
        if home in reference.tasks:
            wanted = wanted | {home}
        elif home is not None:
            out.copies.setdefault(home, []).append(cell)
            text = text.replace(reference.released(home), "")
            wanted = wanted - reference.wanted(reference.released(home))
        elif not wanted and not started and text.strip():
            out.own.append(cell)
        for index in wanted:
            # A cell that holds two exercises gives each its part; the one whose cell it is keeps the whole.
            others = {name for name, owner in reference.owners.items() if owner in wanted and owner != index}
            part = (stubs.without(text, others) if others else text).strip("\n") if index != home else text
            foreign = started or home in out.copies
            reference.tasks[index].candidates.append(Candidate(cell, part, named and home == index, not foreign, foreign))
    _by_position(reference, out)
    for task in reference.tasks.values():
        tests = [cell.place for index in task.tests for cell in out.copies.get(index, [])]
        for one in task.candidates:
            one.early = one.named or (one.early and one.place < min(tests, default=one.place + 1))
            one.efforts = stubs.efforts(one.text, task.stub, task.names)
    return out
