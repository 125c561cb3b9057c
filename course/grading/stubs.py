"""What a solution's text tells without being parsed: which names it defines, which of them are still the stub's."""

import re
from collections import Counter

from course.notebooks import BEGIN_SOLUTION, END_SOLUTION

DEFINITION = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.M)
ASSIGNMENT = re.compile(r"^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.M)
IMPORT = re.compile(r"^(?:import|from)[ \t].*", re.M)
REGION = re.compile(rf"^([ \t]*){BEGIN_SOLUTION}.*?{END_SOLUTION}[ \t]*$", re.M | re.S)
RAISE = re.compile(r"^[ \t]*(?:# YOUR CODE HERE|raise NotImplementedError\b.*)[ \t]*$", re.M)


def stub(source: str, name: str) -> str:
    """A solution cell as released: what ClearSolutions and NameTheExercise make of it."""
    lines = ("# YOUR CODE HERE", f"raise NotImplementedError(\"Exercise '{name}': write it here\")")
    if not REGION.search(source):
        return "\n".join(lines)
    return REGION.sub(lambda found: "\n".join(found[1] + line for line in lines), source)


def plain(text: str) -> str:
    """The text without blank lines and spaces at the ends of lines: what two copies of a cell have in common."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def code_lines(text: str) -> list[str]:
    """The lines that do something: no comments, no blank ones, no indentation."""
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]


def defines(text: str) -> set[str]:
    """The names that the text binds at its outermost level, imports as whole lines."""
    return {*DEFINITION.findall(text), *ASSIGNMENT.findall(text), *IMPORT.findall(text)}


def names_of(source: str, name: str) -> set[str]:
    """The names that an exercise asks for: those of its stub, else those that only the solution binds."""
    released = stub(source, name)
    for text in (released, source):
        for pattern in (DEFINITION, ASSIGNMENT):
            if found := set(pattern.findall(text)):
                return found
    return set()


def chunks(text: str, names: set[str]) -> list[tuple[str | None, list[str]]]:
    """The text's lines in pieces, each the definition of one of `names` or (None) what stands between."""
    pieces, name, quoted, held = [(None, [])], None, None, []
    for line in text.splitlines():
        if not quoted and line.startswith("@"):
            held.append(line)  # a decorator belongs to what follows
            continue
        if not quoted and line[:1].strip() and line[0] not in ")]}#":
            found = DEFINITION.match(line) or ASSIGNMENT.match(line)
            started = found[1] if found and found[1] in names else None
            if started != name or started:
                pieces.append((started, []))
                name = started
        pieces[-1][1].extend([*held, line])
        held = []
        for mark in re.findall(r'"""|\'\'\'', line):
            quoted = mark if quoted is None else None if quoted == mark else quoted
    pieces[-1][1].extend(held)
    return pieces


def without(text: str, names: set[str]) -> str:
    """The text without the definitions of `names`."""
    return "\n".join("\n".join(lines) for name, lines in chunks(text, names) if name not in names).strip("\n")


def effort(text: str, released: str) -> int:
    """How far a text is from its stub: 0 nothing was written, 1 its errors all stand there still, 2 written."""
    here, there = Counter(code_lines(text)), Counter(code_lines(released))
    if not here - there:
        return 0
    errors = [line for line in there if RAISE.match(line)]
    return 1 if errors and all(here[line] >= there[line] for line in errors) else 2


def efforts(text: str, released: str, names: set[str]) -> dict[str, int]:
    """The effort for each of `names` that the text defines."""
    mine, stubs = ({name: "\n".join(lines) for name, lines in chunks(one, names) if name} for one in (text, released))
    return {name: effort(lines, stubs.get(name, "")) for name, lines in mine.items()}


def goes_on(text: str) -> bool:
    """Whether the text can only be the rest of a cell that was split: its first line of code is indented."""
    first = next((line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")), "")
    return first[:1] in (" ", "\t")


def continued(text: str, rest: str) -> str:
    """Both parts of a split cell; the stub's error between them would end the function, so it goes."""
    lines = text.rstrip().splitlines()
    while lines and (RAISE.match(lines[-1]) or not lines[-1].strip()):
        lines.pop()
    return "\n".join([*lines, rest.strip("\n")])
