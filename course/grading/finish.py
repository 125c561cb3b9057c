"""The end of a grading: totals, and the notebook that the instructor keeps, in which nothing of the student's can run."""

import re

import nbformat

from course.notebooks import grade_id

FENCE = "~~~"


def finish(result, plan, rebuilt, steps, full: dict[str, str]) -> None:
    """Fill in the result's totals and its notebook; `full`: each failed test's message, values included."""
    result.score = sum(one.score for one in result.exercises)
    result.points = sum(one.points for one in result.exercises)
    result.repairs, result.outputs = list(rebuilt.repairs), rebuilt.outputs
    shown = {step.id: step.outputs for step in steps}
    for cell in rebuilt.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(one) for one in shown.get(cell.id, [])]
            message = full.get(grade_id(cell))
            if message is not None:
                cell.outputs.append(_failed(message))
        elif cell.id.startswith("added-"):
            # A student's Markdown could hold HTML that acts in the instructor's page.
            fence = FENCE + "~" * max(map(len, re.findall("~+", cell.source)), default=0)
            cell.source = f"{fence}text\n{cell.source}\n{fence}"
    result.notebook = nbformat.writes(rebuilt.notebook, indent=1)


def _failed(message: str):
    """A check that did not hold, as an output that nbgrader's own tools take for a failed test."""
    return nbformat.from_dict(
        {"output_type": "error", "ename": "CheckFailed", "evalue": message, "traceback": [f"✗ {message}"]}
    )
