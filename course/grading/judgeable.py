"""What makes a test cell one that cannot be judged from outside."""

import ast
from collections.abc import Iterable

from course.grading.names import BLOCK, FUNCTION, binds, head, loads
from course.grading.split import PROBE, VERDICT, SplitError, find_checks, is_check, split
from course.notebooks import BEGIN_HIDDEN, END_HIDDEN


def student_names(cells: Iterable[tuple[str, bool]], known: Iterable[str] = ()) -> set[str]:
    """The names whose values the student's code makes: (source, whether it is a solution cell) in order, up to a test cell."""
    found = set(known)
    for source, is_solution in cells:
        for node in ast.parse(source).body:
            taken = is_solution or loads(node) & found
            found = found | binds(node) if taken else found - binds(node)
    return found


def _own_statements(body, checks):
    """The statements of a cell, those in blocks and in functions with checks too."""
    for node in body:
        yield node
        if isinstance(node, BLOCK) or (isinstance(node, FUNCTION) and any(id(one) in checks for one in ast.walk(node))):
            yield from _own_statements([one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)], checks)


def _needs_student(tree, checks, written) -> list[str]:
    """Expected values, predicates and loops around checks that only the student's process can compute."""
    simple = [
        one for one in _own_statements(tree.body, checks) if not isinstance(one, (*BLOCK, ast.Return)) and id(one) not in checks
    ]
    rebound, tainted, size = set().union(*map(binds, simple)), set(), -1
    for one in ast.walk(tree):  # a loop binds its names anew, whatever they were in the cells above
        if isinstance(one, ast.For) and not loads(one.iter) & (set(written) - rebound):
            rebound |= {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)}
    tainted |= set(written) - rebound
    while size != (size := len(tainted)):
        for one in simple:
            if loads(one) & (tainted | (set(written) & loads(one) - rebound)):
                tainted |= binds(one)
        for one in ast.walk(tree):
            if isinstance(one, ast.For) and loads(one.iter) & tainted:
                tainted |= {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)}
    found = []
    for check in checks.values():
        for name, value in check.part(False).items():
            if used := loads(value) & tainted:
                found.append(f"line {value.lineno}: {name} needs {', '.join(sorted(used))}, which the student's code makes")
    for block in ast.walk(tree):
        if isinstance(block, (ast.For, ast.While, ast.If)) and any(id(one) in checks for one in ast.walk(block)):
            if used := set().union(*map(loads, head(block))) & tainted:
                found.append(
                    f"line {block.lineno}: how often a check runs depends on {', '.join(sorted(used))}, the student's code"
                )
    return found


def problems(cell_source: str, written: Iterable[str] = (), later: Iterable[str] | None = None) -> list[str]:
    """What makes a test cell unjudgeable; empty if it can be split. written: what `student_names` gives for the cells above."""
    try:
        tree = ast.parse(cell_source)
        checks = find_checks(tree)
        found = [f"line {one.statement.lineno}: give the check its arguments one by one" for one in checks.values() if one.wrong]
        found += _misuse(tree, checks) + _needs_student(tree, checks, written)
        found += [] if found else split(cell_source, None if later is None else set(later))[1]
    except (SyntaxError, SplitError) as error:
        return [f"it cannot be split: {error}"]
    text = cell_source.splitlines()
    for begin in [i for i, line in enumerate(text, 1) if line.strip() == BEGIN_HIDDEN]:
        end = next((i for i, line in enumerate(text, 1) if i > begin and line.strip() == END_HIDDEN), len(text) + 1)
        kinds = {one.kind for one in checks.values() if begin < one.statement.lineno < end}
        if not kinds & {"close", "equal"}:
            found.append(f"line {begin}: the hidden part has no check.close and no check.equal")
    return found if checks else [*found, "it has no check"]


def _misuse(tree, checks) -> list[str]:
    """Assertions that are no checks, and checks that are not called as statements."""
    called = {id(one.statement.value.func) for one in checks.values()}
    of_module = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    found = []
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
        if isinstance(node, (ast.Assert, ast.Raise)) or (isinstance(node, ast.Call) and name.lower().startswith("assert")):
            found.append(f"line {node.lineno}: an assertion that is not a check")
        elif is_check(node) and id(node) not in called:
            found.append(f"line {node.lineno}: check.{node.attr} must be called as a statement of its own, by this name")
        elif isinstance(node, ast.Name) and node.id == "check" and id(node) not in of_module:
            found.append(f"line {node.lineno}: check is given another name, or its name another meaning")
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and "check" in ast.unparse(node):
            found.append(f"line {node.lineno}: check is imported already")
        elif isinstance(node, ast.Name) and node.id in (PROBE, VERDICT):
            found.append(f"line {node.lineno}: {node.id} is the grader's")
    for one in checks.values():
        if any(isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)) for part in ast.walk(one.statement)):
            found.append(f"line {one.statement.lineno}: a check may not assign, yield or await")
    return found
