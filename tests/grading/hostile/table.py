"""The corpus as a page of the documentation: `python tests/grading/hostile/table.py` writes docs/hostile.md."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TITLES = {
    "forging": "Forging points",
    "reading": "Reading what is not theirs",
    "harm": "Harm to the machine, the class and the reader",
    "broken": "Broken files",
}
HEAD = """# What was tried against the grader

{count} submissions, one small file each in `tests/grading/hostile/`. Each was graded by nbgrader {version} as it comes (in a
container), and each is graded by this course's grader whenever the tests run, which say `hostile corpus: … tried, … held`. The
notebook has seven exercises and {full:g} points. In {forged} cases stock nbgrader gives points for an exercise that was not
solved. What this grader gives is what the tests demand: points for work that was done, none for what was forged, no secret shown,
nothing left behind, and an end within the time limit.
"""


def ours(one, full: float) -> str:
    """What this grader gives, in a few words."""
    words = {"full": f"{full:g} of {full:g}", "zero": f"0 of {full:g}", "quarantined": "quarantined, with the reason"}
    if one.ours in words:
        return words[one.ours]
    if one.ours == "any":
        return "graded"
    zero = [f"`{name}`" for name, value in one.scores.items() if value == 0]
    others = "the rest full" if one.rest == "full" and None not in one.scores.values() else "an end in time"
    return f"0 for {', '.join(zero)}; {others}" if zero else f"graded; {others}"


def _forged(one, stock: dict) -> bool:
    """Whether stock nbgrader gave points for an exercise that deserves none."""
    from hostile import corpus

    none = [
        name for name in (exercise.name for exercise in corpus.exercises()) if one.ours == "zero" or one.scores.get(name) == 0
    ]
    given = {name: float(score) for name, score in stock.get("cells", {}).items()}
    return any(given.get(f"{name}-test", 0) > 0 for name in none)


def text() -> str:
    """The page."""
    from hostile import corpus

    record = json.loads((HERE / "stock.json").read_text("utf-8"))
    found, everything = record["results"], corpus.submissions()
    full = sum(exercise.points for exercise in corpus.exercises())
    forged = sum(_forged(one, found.get(one.name, {})) for one in everything)
    parts = [HEAD.format(count=len(everything), version=record["nbgrader"], full=full, forged=forged)]
    for kind, title in TITLES.items():
        parts.append(f"## {title}\n\n| Submission | What it tries | Stock nbgrader | This grader |\n|---|---|---|---|")
        for one in everything:
            if one.kind == kind:
                stock = found.get(one.name, {}).get("said", "not run yet")
                cells = (f"`{one.path.stem}`", one.tries, stock, ours(one, full))
                parts.append(
                    "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"
                )
        parts[-1] += "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent), str(ROOT)]
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "hostile.md").write_text(text(), "utf-8")
