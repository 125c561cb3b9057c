"""Which names a piece of code takes and makes, as Python's own compiler sees them."""

import ast
import symtable

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCK = (ast.For, ast.While, ast.If, ast.With, ast.Try)
DEFERRED = (*FUNCTION, ast.ClassDef, ast.Lambda, ast.GeneratorExp)


def _scopes(table):
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _text(node) -> str:
    """Code that stands by itself with the same names: a `return` may not stand outside a function."""
    return ast.unparse(node.value or ast.Constant(None)) if isinstance(node, ast.Return) else ast.unparse(node)


def loads(node) -> set[str]:
    """The names that a statement or an expression takes from outside, as Python's own compiler sees them."""
    if isinstance(node, (ast.Nonlocal, ast.Break, ast.Continue)):
        return set()
    if isinstance(node, ast.AugAssign):
        return loads(node.value) | roots(node.target)
    top = symtable.symtable(_text(node), "cell", "exec")
    found = set()
    for scope in _scopes(top):
        for one in scope.get_symbols():
            if one.is_referenced() and (scope is top or one.is_global()):
                found.add(one.get_name())
    return found


def binds(node) -> set[str]:
    """The names that a statement binds where it stands."""
    if isinstance(node, (ast.Nonlocal, ast.Break, ast.Continue)):
        return set()
    top = symtable.symtable(_text(node), "cell", "exec")
    made = {one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported() or one.is_namespace()}
    # From Python 3.12 on, the variables of comprehensions are listed among those of the code around them.
    targets = [one.target for one in ast.walk(node) if isinstance(one, ast.comprehension)]
    inner = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    stored = [one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return made - ({one.id for one in inner} - {one.id for one in stored if one not in inner})


def roots(target) -> set[str]:
    """The names whose objects change when this is assigned to, called or deleted: x of x[0].y."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return set().union(*map(roots, target.elts))
    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        target = target.func if isinstance(target, ast.Call) else target.value
    return {target.id} if isinstance(target, ast.Name) else set()


def head(block) -> list[ast.expr]:
    """The expressions that a block evaluates itself."""
    if isinstance(block, ast.With):
        return [one.context_expr for one in block.items]
    return [getattr(block, "iter", None) or block.test] if not isinstance(block, ast.Try) else []


def live_before(source: str, later: set[str]) -> set[str]:
    """The names that this cell or what follows it loads, as they are before it."""
    for node in reversed(ast.parse(source).body):
        later = (later if isinstance(node, BLOCK) else later - binds(node)) | loads(node)
    return later


def deferred(node, at_once: str) -> set[str]:
    """The names that functions, classes and lambdas in this code may load later on; a call of `at_once` runs its own now."""
    if isinstance(node, DEFERRED):
        return loads(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == at_once:
        return set()
    return set().union(*(deferred(child, at_once) for child in ast.iter_child_nodes(node)))
