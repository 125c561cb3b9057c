"""Which statements of a test cell the student's process needs once the expected values are cut out of its checks.

By name, without regard to order: a name lives when kept code loads it. `prune` drops what only cut expressions lead to.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from course.grading.names import BLOCK, FUNCTION, binds, head, loads, roots


@dataclass
class Unit:
    """A statement that is kept or dropped as one; `cut` holds the names that it loaded before anything was cut out of it."""

    node: ast.stmt
    around: list
    probe: bool
    cut: set[str]
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    kept: bool = False

    def __post_init__(self):
        node = self.node
        self.loads, self.binds = loads(node), binds(node)
        targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)):
            self.changes = set().union(*map(roots, targets)) - (set() if isinstance(node, ast.Delete) else self.binds)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            given = [*call.args, *(one.value for one in call.keywords)]
            self.changes = set().union(*map(loads, given)) if given else set()
            self.changes |= roots(call.func) if isinstance(call.func, ast.Attribute) else set()


@dataclass
class Scope:
    """One body: `rewrite(statement)` gives the probe of a check, None of any other statement."""

    rewrite: Callable
    later: set[str] | None
    parameters: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def prune(self, body: list[ast.stmt]) -> list[ast.stmt]:
        self.units, self.names = {}, set(self.parameters)
        self._collect(body, [])
        units = list(self.units.values())
        for one in units:
            self.names |= one.binds
        self.cut, before = set().union(*(one.cut for one in units)), None
        while before != self.cut:
            before = set(self.cut)
            for one in units:
                if (one.binds | one.changes) & self.cut & self.names:
                    self.cut |= one.loads
        self.cut &= self.names
        self.live, size = set(self.later or ()), -1
        while size != (size := len(self.live) + sum(one.kept for one in units)):
            for one in units:
                if not one.kept and self._needed(one):
                    one.kept = True
                    self.live |= one.loads.union(*(loads(part) for block in one.around for part in head(block)))
        self.dead = self.cut - self.live
        for one in units:
            if not one.kept and one.changes & self.dead and one.changes & self.live - {"torch", "check", "math"}:
                both = ", ".join(sorted(one.changes & self.live))
                self._say(one.node, f"may change {both} and what only expected values use: take them apart")
        for name in sorted(self.parameters & self.dead):
            self.problems.append(f"the argument {name!r} is used by expected values only: compute it inside the check")
        return self._rebuild(body)

    def _say(self, node, text):
        self.problems.append(f"line {node.lineno} {text}")

    def _collect(self, body, around):
        for node in body:
            if isinstance(node, BLOCK):
                if isinstance(node, ast.For):
                    self.names |= roots(node.target)
                parts = [node.body, getattr(node, "orelse", []), getattr(node, "finalbody", [])]
                parts += [one.body for one in getattr(node, "handlers", [])]
                for part in parts:
                    self._collect(part, [*around, node])
                continue
            new, probe, cut = self.rewrite(node), True, set()
            if new is not None:
                cut = loads(node)
            elif probe := isinstance(node, FUNCTION) and any(self.rewrite(one) for one in ast.walk(node)):
                arguments = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
                outside = {name for one in ast.walk(node) if isinstance(one, (ast.Global, ast.Nonlocal)) for name in one.names}
                inner = Scope(self.rewrite, outside, arguments, self.problems)
                new, cut = ast.copy_location(type(node)(**{**dict(ast.iter_fields(node))}), node), loads(node)
                new.body = inner.prune(node.body) or [ast.Pass()]
                probe = False
            self.units[id(node)] = Unit(new or node, around, probe, cut)

    def _needed(self, one):
        if one.probe:
            return True
        if one.binds:
            return bool(one.binds & self.live) or (self.later is None and not one.binds & self.cut and not one.changes & self.cut)
        return not one.changes & (self.cut - self.live)

    def _rebuild(self, body):
        kept = []
        for node in body:
            if isinstance(node, BLOCK):
                kept += self._block(node)
            elif (unit := self.units[id(node)]).kept and not isinstance(node, ast.Pass):
                kept.append(self._without_dead(unit.node))
        return kept

    def _block(self, node):
        new = ast.copy_location(type(node)(**dict(ast.iter_fields(node))), node)
        for part in ("body", "orelse", "finalbody"):
            if hasattr(node, part):
                setattr(new, part, self._rebuild(getattr(node, part)))
        if isinstance(node, ast.Try):
            self._say(node, "catches errors: a test lets them through")
        if not new.body and not getattr(new, "orelse", []) and not (isinstance(node, ast.For) and roots(node.target) & self.live):
            return []
        new.body = new.body or [ast.Pass()]
        if isinstance(node, ast.For) and (dead := roots(node.target) & self.dead):
            project = self._projected(node.target, node.iter)
            if project is None:
                self._say(node, f"loops over {', '.join(sorted(dead))}, used by expected values only: write the list in the loop")
            else:
                new.target, new.iter = project
        return [new]

    def _places(self, target):
        """Which elements of a tuple of targets stay."""
        return [i for i, one in enumerate(target.elts) if not roots(one) or roots(one) - self.dead]

    def _projected(self, target, iterable):
        """Target and iterable of a loop over written-out tuples without the columns that only expected values use."""
        if isinstance(iterable, ast.BinOp) and isinstance(iterable.op, ast.Add):
            left, right = self._projected(target, iterable.left), self._projected(target, iterable.right)
            return left and right and (left[0], ast.BinOp(left[1], ast.Add(), right[1]))
        if not isinstance(target, ast.Tuple) or not isinstance(iterable, (ast.List, ast.Tuple)):
            return None
        if any(not isinstance(row, (ast.Tuple, ast.List)) or len(row.elts) != len(target.elts) for row in iterable.elts):
            return None
        rows = [_pick(row, self._places(target), ast.Load()) for row in iterable.elts]
        return _pick(target, self._places(target), ast.Store()), type(iterable)(rows, ast.Load())

    def _without_dead(self, node):
        """An assignment of several names without those that only expected values use."""
        if not isinstance(node, ast.Assign) or not (dead := binds(node) & self.dead):
            return node
        new = ast.copy_location(ast.Assign([one for one in node.targets if not roots(one) <= self.dead], node.value), node)
        (target, *more), value = new.targets, node.value
        if isinstance(target, ast.Tuple) and not more and isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            places = self._places(target)
            new.targets, new.value = [_pick(target, places, ast.Store())], _pick(value, places, ast.Load())
        elif any(roots(one) & self.dead for one in new.targets):
            self._say(
                node, f"makes {', '.join(sorted(dead))}, used by expected values only, along with other names: take it apart"
            )
        return new


def _pick(row, places, context):
    """The elements at these places: a tuple, or the one element itself."""
    found = [row.elts[i] for i in places]
    return found[0] if len(found) == 1 else ast.Tuple(found, context)
