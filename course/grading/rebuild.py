"""The notebook that is graded: the instructor's, with the student's text in its solution cells and nowhere else."""

import copy
from dataclasses import dataclass, field

from course.grading import stubs
from course.grading.matching import Candidate, Matched, Reference, Task, match
from course.grading.reading import Cell, read_submission
from course.notebooks import grade_id


@dataclass
class Rebuilt:
    """The notebook to grade, what was put right on the way (a sentence each), and each exercise's text.

    outputs: what the student's own file showed, by the id of the cell in `notebook`, which itself holds no outputs.
    """

    notebook: object
    repairs: list[str]
    solutions: dict[str, str]
    outputs: dict[str, list[dict]] = field(default_factory=dict)


@dataclass
class Choice:
    """What an exercise's solution cell will hold, from which candidates, and which were left over."""

    text: str
    used: list[Candidate] = field(default_factory=list)
    left: list[Candidate] = field(default_factory=list)


def choose(task: Task) -> Choice:
    """For each name the last candidate that was written in; what still equals the stub never beats one that does not."""
    picks = {}
    for name in sorted(task.names):
        written = [one for one in task.candidates if one.efforts.get(name)]
        # Behind the tests stand experiments and older versions: only if nothing was written before them do they count.
        if pool := [one for one in written if one.early] or written:
            picks[name] = max(pool, key=lambda one: (one.efforts[name], one.place))
    if not picks:
        found = [one for one in task.candidates if one.early and one.text.strip()]
        pool = [one for one in found if stubs.effort(one.text, task.stub)] or found
        best = ([one for one in pool if one.named] or pool)[-1:]
        return Choice(best[0].text if best else task.stub, best)
    used = {one.place: one for one in picks.values()}
    known, pieces, left = set().union(*(stubs.defines(one.text) for one in used.values())), [], []
    last = max(used)
    for one in task.candidates:
        rest = stubs.without(one.text, task.names)
        if one.place in used:
            others = {name for name, pick in picks.items() if pick.place != one.place}
            pieces.append(stubs.without(one.text, others) if others else one.text)
        elif one.early and one.place < last and stubs.defines(rest) - known:
            # A helper or an import left in the cell above may be needed below.
            used[one.place] = one
            pieces.append(rest)
        elif not one.foreign and (any(one.efforts.values()) > one.early if one.efforts else stubs.effort(one.text, task.stub)):
            left.append(one)
    return Choice("\n\n\n".join(pieces), [used[place] for place in sorted(used)], left)


def _say_solution(task: Task, choice: Choice, split: set[int]) -> str | None:
    """What was put right about an exercise's solution; None where nothing was, or where only its name was lost."""
    early = [one for one in task.candidates if one.early]
    first = choice.used[0] if choice.used else None
    if first is None:
        found = "is empty" if any(one.named for one in task.candidates) else "is missing"
        return f"The solution cell of {task.name!r} {found}: it was graded as handed out, which scores 0."
    if len(choice.used) > 1 or any(one.place in split for one in choice.used):
        return f"The solution of {task.name!r} stood in several cells: they were joined."
    if not first.named and (not first.early or any(one.named for one in early)):
        return f"The solution of {task.name!r} stood in another cell than its own: it was taken from there."
    if len(early) > 1:
        return f"There are {len(early)} cells for {task.name!r}: the last one that was written in was graded."
    if task.stub and first.cell.kind != "code" and first.named and task.names:
        return f"The solution cell of {task.name!r} had been turned into text: it was run as code."
    return None


def _say(reference: Reference, found: Matched, choices: dict[int, Choice]) -> list[str]:
    """The repairs, a sentence each, in the notebook's order."""
    said = [f"Cell {cell.place + 1} {cell.problem}: it was left out." for cell in found.broken]
    lost, changed, missing = [], [], []
    for index, cell in enumerate(reference.cells):
        name = grade_id(cell)
        if index in choices:
            sentence = _say_solution(reference.tasks[index], choices[index], found.split)
            said += [sentence] if sentence else []
            lost += [name] if not sentence and not choices[index].used[0].named else []
        elif name and cell.cell_type == "code":
            copies = found.copies.get(index, [])
            changed += [name] if any(reference.by_text(one) != index for one in copies) else []
            missing += [name] if not copies else []
    for names, sentence in (
        (lost, "These solution cells had lost their names and were recognized by what they hold: {}."),
        (changed, "These cells were changed; the course's own were run in their place: {}."),
        (missing, "These cells were missing and were put back: {}."),
    ):
        said += [sentence.format(", ".join(names))] if names else []
    return said


def _imports(reference: Reference, index: int, cells: list[Cell]) -> str:
    """The imports that a student added to a cell of the instructor's, so that solutions can use them."""
    lines = {line: None for cell in cells for line in stubs.IMPORT.findall(cell.source) if ("(" in line) == (")" in line)}
    there = reference.released(index).splitlines()
    return "\n".join(line for line in lines if line not in there and not line.endswith("\\"))


def _additions(reference: Reference, found: Matched, choices: dict[int, Choice]) -> dict[int, list[Cell]]:
    """The student's own cells by the index of the instructor's cell after which they run (-1: before all)."""
    stands = {}
    for index, cells in found.copies.items():
        stands[cells[0].place] = index
    for index, choice in choices.items():
        named = [one for one in reference.tasks[index].candidates if one.named]
        for one in [one for one in choice.used if one.early] or named[:1]:
            stands[one.place] = index
    used = {one.place for choice in choices.values() for one in choice.used}
    own = [*found.own, *(one.cell for choice in choices.values() for one in choice.left if one.place not in used)]
    # A cell that two exercises did not need is one cell all the same; a raw one would reach feedback as it is.
    own = {cell.place: cell for cell in own if cell.kind != "raw"}
    after, anchor = {}, -1
    for place in sorted({*stands, *own}):
        anchor = stands.get(place, anchor)
        if place in own and place not in stands:
            after.setdefault(anchor, []).append(own[place])
    for index, cells in found.copies.items():
        if reference.cells[index].cell_type == "code" and (extra := _imports(reference, index, cells)):
            after.setdefault(index, []).insert(0, Cell(cells[0].place, "code", extra))
    return after


def _outputs(reference: Reference, found: Matched, choices: dict[int, Choice], cells: list[Cell]) -> dict[int, list[dict]]:
    """What the student's file showed by the index of the instructor's cell: solutions, and cells left as they were."""
    by_place, shown = {cell.place: list(cell.outputs) for cell in cells}, {}
    for index in range(len(reference.cells)):
        if index in choices:
            places = [one.place for one in choices[index].used]
        else:
            # Of several copies the last one was run last; an edited one shows what the course's own cell would not.
            places = [cell.place for cell in found.copies.get(index, []) if reference.by_text(cell) == index][-1:]
        # A cell that served two exercises is shown once.
        shown[index] = [output for place in places for output in by_place.pop(place, [])]
    return shown


def rebuild(source_nb, data: bytes) -> Rebuilt:
    """The instructor's notebook with the student's solutions in it; Unreadable where `data` is no notebook.

    source_nb: with solutions and hidden tests, left as it was. Cells of the student's own run where they stood, have no
    metadata at all, and ids that start with `added-`.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    reference, handed_in = Reference(source_nb), read_submission(data)
    found = match(handed_in, reference)
    choices = {index: choose(task) for index, task in reference.tasks.items()}
    after = _additions(reference, found, choices)
    nb, cells, taken = copy.deepcopy(source_nb), [], {cell.get("id") for cell in source_nb.cells}
    added, shown, outputs = 0, _outputs(reference, found, choices, handed_in), {}
    for index in range(-1, len(nb.cells)):
        if index >= 0:
            cell = nb.cells[index]
            if index in choices:
                cell.source = choices[index].text
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            cells.append(cell)
            outputs[cell.get("id")] = shown[index]
        for extra in after.get(index, []):
            added += 1
            while (name := f"added-{added}") in taken:
                added += 1
            new = new_code_cell if extra.kind == "code" else new_markdown_cell
            cells.append(new(extra.source, id=name))
            outputs[name] = list(extra.outputs)
    nb.cells = cells
    nb.nbformat, nb.nbformat_minor = 4, 5
    repairs = _say(reference, found, choices)
    if code := sum(cell.kind == "code" for cells in after.values() for cell in cells):
        repairs.append(f"Cells of your own ({code}) were run where they stood, and are not scored.")
    solutions = {task.name: choices[index].text for index, task in reference.tasks.items()}
    return Rebuilt(nb, repairs, solutions, {name: some for name, some in outputs.items() if some})
