"""A test cell in two: the probe, which the student's process runs, and the verdict, which stays with the grader.

The probe holds what the tests compute from the student's code: inputs, helpers, loops, first arguments. Expected values,
predicates, tolerances, hints, docstrings and comments are cut out, and with them every name that only they use. What stays
visible to the student's process: the inputs of hidden tests, the helpers that compute the first argument (and what these show of
the idea), values used on both sides, and the given cells.
"""

import ast
from collections.abc import Iterable

from course.grading.liveness import Scope
from course.grading.names import deferred, live_before

PROBE, VERDICT = "__probe__", "__verdict__"
CHECKS = {
    "close": ("actual", "expected", "hint", "rtol", "atol"),
    "equal": ("actual", "expected", "hint"),
    "same": ("a", "b", "hint", "rtol", "atol"),
    "that": ("value", "predicate", "hint"),
    "raises": ("function", "exception", "hint"),
}
COMPUTED = {"actual", "a", "b", "value", "function"}


class SplitError(ValueError):
    """A test cell that cannot be split; `problems` says why."""


class Check:
    """One check call of a cell: its place among the cell's checks, its kind, its arguments by name."""

    def __init__(self, place, statement):
        self.place, self.statement, self.kind = place, statement, statement.value.func.attr
        call, names = statement.value, CHECKS[self.kind]
        self.arguments = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords}
        self.wrong = (
            len(self.arguments) != len(call.args) + len(call.keywords)
            or any(isinstance(one, ast.Starred) for one in call.args)
            or not set(names[:3]) <= set(self.arguments) <= set(names)
        )

    def part(self, computed: bool):
        return {name: one for name, one in self.arguments.items() if (name in COMPUTED) == computed}

    def probe(self) -> ast.stmt:
        """The call that sends what the student's code computed."""
        none = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        thunks = [ast.Lambda(none, one) for one in self.part(True).values()]
        call = ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(self.place), *thunks], [])
        return ast.copy_location(ast.Expr(call), self.statement)

    def verdict(self) -> ast.stmt:
        """The call that judges what arrived."""
        words = [ast.keyword(name, one) for name, one in self.part(False).items()]
        call = ast.Call(ast.Name(VERDICT, ast.Load()), [ast.Constant(self.place), ast.Constant(self.kind)], words)
        return ast.copy_location(ast.Expr(call), self.statement)


def is_check(node) -> bool:
    """Whether this is `check.close` or another check, called or not."""
    return (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "check" and node.attr in CHECKS
    )


def find_checks(tree) -> dict[int, Check]:
    """The check statements by id, numbered as they stand in the text."""
    found = [one for one in ast.walk(tree) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    found = sorted((one for one in found if is_check(one.value.func)), key=lambda one: (one.lineno, one.col_offset))
    return {id(one): Check(place, one) for place, one in enumerate(found)}


class _Tidy(ast.NodeTransformer):
    """Without docstrings: they say what is expected."""

    def visit_body(self, node):
        self.generic_visit(node)
        bare = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        node.body = bare or ([] if isinstance(node, ast.Module) else [ast.Pass()])
        return node

    visit_Module = visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_body


def split(cell_source: str, later):
    """The probe's text, and what could not be taken apart, in words."""
    tree = ast.parse(cell_source)
    checks = find_checks(tree)
    if any(one.wrong for one in checks.values()):
        raise SplitError("a check's arguments cannot be told apart")
    scope = Scope(lambda node: checks[id(node)].probe() if id(node) in checks else None, later)
    new = _Tidy().visit(ast.Module(scope.prune(tree.body), []))
    probes = sum(isinstance(one, ast.Name) and one.id == PROBE for one in ast.walk(new))
    if probes != len(checks) or any(is_check(one) for one in ast.walk(new)):
        raise SplitError(
            "a check stands where it cannot be cut: in a class, in a match, in an expression, or in a helper never called"
        )
    return ast.unparse(ast.fix_missing_locations(new)) + "\n", scope.problems


def probe_source(cell_source: str, later: Iterable[str] | None = None) -> str:
    """The code sent to the student's process: each check is `__probe__(place, lambda: what the student's code computed)`.

    later: the names that cells after this one load; None if they are not known, and then only names that expected values lead to
    are dropped. What may still be visible is said above.
    """
    return split(cell_source, None if later is None else set(later))[0]


def probe_sources(cells: list[tuple[str, bool]]) -> list[str]:
    """The probes of a notebook's code cells in order, (source, whether it is a test cell); others stay as they are.

    A name of a test cell stays only if its own probe or a later cell needs it.
    """
    called, before = set(), []  # names that functions of the cells up to here may load at any time after
    for source, is_test in cells:
        called = called | deferred(ast.parse(probe_source(source) if is_test else source), PROBE)
        before.append(called)
    later, found = set(), []
    for (source, is_test), called in zip(reversed(cells), reversed(before), strict=True):
        found.append(probe_source(source, later | called) if is_test else source)
        later = live_before(found[-1], later)
    return found[::-1]


def verdict_source(cell_source: str) -> str:
    """The trusted side's code for the same cell: each check is `__verdict__(place, kind, expected=…, hint=…)`."""
    tree = ast.parse(cell_source)
    checks = find_checks(tree)

    class Judged(ast.NodeTransformer):
        def visit_Expr(self, node):
            return checks[id(node)].verdict() if id(node) in checks else node

    return ast.unparse(ast.fix_missing_locations(Judged().visit(tree))) + "\n"
