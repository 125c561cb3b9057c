"""The house rules that a program can check: how notebooks read, what their tests are made of, what no file may hold."""

import ast
import builtins
import re
import statistics
import subprocess

import pytest
from conftest import phases

from course import answers, notebooks, release, syllabus

LIMIT_S = 1800
NEST = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
COMPUTE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
SHOW = {"print", "display", "open", "input", "exec", "eval", "plt", "plot", "widgets", "os", "sys", "subprocess"}
every_phase = pytest.mark.parametrize("phase", phases())


@pytest.fixture(scope="module")
def notebook(root):
    """`notebook(phase)`: the notebook that the phase's text gives."""
    known = {}

    def of(phase):
        if phase not in known:
            known[phase] = notebooks.to_notebook(root / "source" / phase / f"{phase}.nb.py")
        return known[phase]

    return of


def code(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def prose(nb):
    return [cell.source for cell in nb.cells if cell.cell_type == "markdown"]


def name(cell):
    return notebooks.grade_id(cell) or cell.id


def regions(source, begin, end):
    """The lines between the markers, those of all regions together."""
    return [line for region in re.findall(rf"{begin}\n(.*?){end}", source, re.S) for line in region.rstrip().splitlines()]


def lines(source):
    """A cell's lines, nbgrader's markers not counted."""
    markers = {notebooks.BEGIN_SOLUTION, notebooks.END_SOLUTION, notebooks.BEGIN_HIDDEN, notebooks.END_HIDDEN}
    return [line for line in source.splitlines() if line.strip() not in markers]


def seen(source):
    """A cell's lines as a student gets it: a line for what is to be written, no hidden tests."""
    stub = re.sub(rf"[ \t]*{notebooks.BEGIN_SOLUTION}.*?{notebooks.END_SOLUTION}", "...", source, flags=re.S)
    return notebooks.visible(stub).splitlines()


def without_code(text):
    """Markdown without code blocks, code spans and escaped dollars."""
    return re.sub(r"```.*?```|`[^`\n]*`|\\\$", " ", text, flags=re.S)


def words(text):
    """The words that a reader reads: no formulas, no tags, no addresses."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", text, flags=re.S)
    text = re.sub(r"\]\([^)]*\)|<[^>]*>", " ", text)
    return re.findall(r"\w[\w'’.-]*", text)


def formula_problem(text):
    """What is wrong with the formulas of a markdown cell, None where nothing is."""
    text = without_code(text)
    blocks = text.split("$$")
    if len(blocks) % 2 == 0:
        return "an odd number of $$"
    formulas = blocks[1::2]
    for part in blocks[::2]:
        pieces = part.split("$")
        if len(pieces) % 2 == 0:
            return f"an odd number of $ in {part.strip()[:80]!r}"
        formulas += pieces[1::2]
        if broken := [piece for piece in pieces[1::2] if not piece.strip() or piece != piece.strip() or "\n\n" in piece]:
            return f"${broken[0]}$ would not be rendered: it is empty, or has a space inside a $"
    for formula in formulas:
        bare = re.sub(r"\\[\\{}]", "", formula)
        if bare.count("{") != bare.count("}") or len(re.findall(r"\\left\b", formula)) != len(re.findall(r"\\right\b", formula)):
            return f"unbalanced braces, or \\left without \\right, in {formula.strip()[:80]!r}"
        if sorted(re.findall(r"\\begin\{(\w+\*?)\}", formula)) != sorted(re.findall(r"\\end\{(\w+\*?)\}", formula)):
            return f"\\begin without \\end in {formula.strip()[:80]!r}"
    return None


def is_check(node):
    """Whether an expression is a call of one of the course's checks."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "check"


def statements(body):
    """The statements of a block, those inside for, while, if and with too, but not inside functions and classes."""
    for node in body:
        yield node
        for part in ("body", "orelse"):
            if isinstance(node, (ast.For, ast.While, ast.If, ast.With)):
                yield from statements(getattr(node, part, []))


def test_cell_problem(source):
    """What a test cell does beyond computing and calling check, None where nothing; it must end with a check.

    A cell that ended with a value would be graded by that value.
    """
    tree = ast.parse(source)
    if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        return "a bare assert: call a check, which says what came"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in SHOW:
            return f"it uses {node.id}"
    for place, node in enumerate(statements(tree.body)):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        block = isinstance(node, (ast.For, ast.While, ast.If, ast.With, ast.Pass))
        if not (docstring or called or block or isinstance(node, COMPUTE)):
            return f"line {node.lineno} neither computes nor checks"
    last = tree.body[-1]
    while isinstance(last, (ast.For, ast.If, ast.With)):
        last = last.body[-1]
    return None if isinstance(last, ast.Expr) and is_check(last.value) else "it does not end with a check"


test_cell_problem.__test__ = False  # a helper, whatever its name


def bound(node):
    """The names that a node binds where it stands: not those local to functions, classes and comprehensions inside it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, NEST):
        return set()
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    return own.union(*(bound(child) for child in ast.iter_child_nodes(node)))


def needed(node):
    """The names that a node takes from outside, what it binds first left out as far as order inside one block tells."""
    if isinstance(node, NEST):
        inner = list(ast.walk(node))
        made = {one.id for one in inner if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        made |= {one.arg for one in inner if isinstance(one, ast.arg)} | {
            one.name for one in inner if hasattr(one, "name") and one.name
        }
        return {one.id for one in inner if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)} - made
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.AugAssign):
        return needed(node.value) | {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
    order = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        order = [node.value, *(getattr(node, "targets", None) or [node.target])] if node.value else []
    elif isinstance(node, ast.For):
        order = [node.iter, node.target, *node.body, *node.orelse]
    names, made = set(), set()
    for child in order:
        names |= needed(child) - made
        made |= bound(child)
    return names


def needs_of_graded_cells(nb):
    """(cell, name) where a cell that grading runs takes a name that, on the way there, an explore cell made last."""
    found, explored = [], set()
    for cell in code(nb):
        tree = ast.parse(cell.source)
        if answers.runs(cell):
            found += [(name(cell), one) for one in sorted(needed(tree) & explored)]
            explored -= bound(tree)
        else:
            explored |= bound(tree)
    return found


# Each rule, on each notebook.


@every_phase
def test_text_and_notebook_agree(root, phase):
    assert phase not in notebooks.stale(root), "run `course build` and commit the notebook"


@every_phase
def test_what_is_given_stays_as_it_is(notebook, phase):
    """A function that a given cell makes is bound anew nowhere: one who runs an earlier test again would meet another."""
    given = {}
    for cell in code(notebook(phase)):
        tree = ast.parse(cell.source)
        assert not (again := bound(tree) & set(given)), f"{name(cell)} binds {again} anew, of {[given[one] for one in again]}"
        if (notebooks.grade_id(cell) or "").startswith("given-"):
            given |= {node.name: name(cell) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@every_phase
def test_the_notebook_has_70_to_130_cells(notebook, phase):
    most = {"scaling": 160, "alignment": 160, "inference": 180}.get(phase, 130)  # 22 exercises; long runs; a race and a server
    assert 70 <= len(notebook(phase).cells) <= most


@every_phase
def test_code_is_short(notebook, phase):
    nb = notebook(phase)
    sizes = {name(cell): len(lines(cell.source)) for cell in code(nb)}
    assert not (long := {key: size for key, size in sizes.items() if size > 30}), f"more than 30 lines: {long}"
    most = 10 if phase == "foundations" else 15  # elsewhere visible tests and given cells are long, with no room to split them
    assert statistics.median(len(seen(cell.source)) for cell in code(nb)) <= most
    solved = {name(cell): len(regions(cell.source, notebooks.BEGIN_SOLUTION, notebooks.END_SOLUTION)) for cell in code(nb)}
    assert not (long := {key: size for key, size in solved.items() if size > 25}), f"solutions of more than 25 lines: {long}"


@every_phase
def test_prose_is_short(notebook, phase):
    long = {text.splitlines()[0]: count for text in prose(notebook(phase)) if (count := len(words(text))) >= 120}
    assert not long, f"120 words or more: {long}"


@every_phase
def test_points_are_those_of_the_syllabus(notebook, phase):
    nb = notebook(phase)
    points = {one.name: sum(nb.cells[place].metadata.nbgrader.points for place in one.tests) for one in notebooks.exercises(nb)}
    assert sum(points.values()) == 100
    assert list(points.items()) == [(one.name, one.points) for one in syllabus.phase(phase).exercises]


@every_phase
def test_every_exercise_says_its_points_track_and_minutes(notebook, phase):
    text = "\n".join(prose(notebook(phase)))
    missing = [
        one.name
        for one in syllabus.phase(phase).exercises
        if not re.search(rf"^\*{one.points} points? · {'core · ' * (one.track == 'core')}{one.minutes} min\b", text, re.M)
    ]
    assert not missing, f"no line like *10 points · core · 25 min · source* that agrees with the syllabus: {missing}"


@every_phase
def test_every_exercise_has_visible_and_hidden_checks(notebook, phase):
    nb = notebook(phase)
    for exercise in notebooks.exercises(nb):
        sources = [nb.cells[place].source for place in exercise.tests]
        hidden = "\n".join(line for one in sources for line in regions(one, notebooks.BEGIN_HIDDEN, notebooks.END_HIDDEN))
        assert re.search(r"\bcheck\.(close|equal)\(", hidden), (
            f"{exercise.name}: no check.close or check.equal among its hidden tests"
        )
        assert any("check." in notebooks.visible(one) for one in sources), f"{exercise.name}: no visible check"


@every_phase
def test_test_cells_only_compute_and_check(notebook, phase):
    graded = [cell for cell in code(notebook(phase)) if notebooks.is_graded(cell)]
    problems = {
        name(cell): problem
        for cell in graded
        for text in (cell.source, notebooks.visible(cell.source))
        if (problem := test_cell_problem(text))
    }
    assert not problems


@every_phase
def test_formulas_are_balanced(notebook, phase):
    assert not {text.splitlines()[0]: problem for text in prose(notebook(phase)) if (problem := formula_problem(text))}


@every_phase
def test_no_graded_cell_needs_an_explore_cell(notebook, phase):
    assert not needs_of_graded_cells(notebook(phase))


def full(nb):
    return {name(cell): cell.metadata.nbgrader.points for cell in nb.cells if notebooks.is_graded(cell)}


@pytest.mark.slow
@every_phase
def test_every_solution_scores_full(notebook, phase):
    nb = notebook(phase)
    assert answers.in_child(lambda: answers.score(nb), LIMIT_S) == full(nb)


@pytest.mark.slow
@every_phase
def test_every_stub_scores_nothing(root, notebook, phase):
    nb = notebooks.read(root / "release" / phase / f"{phase}.ipynb")
    tests = {name(cell): cell.source for cell in notebook(phase).cells if notebooks.is_graded(cell)}
    assert {name(cell) for cell in nb.cells if notebooks.is_graded(cell)} == set(tests)
    for cell in nb.cells:
        cell.source = tests.get(notebooks.grade_id(cell), cell.source)
    assert answers.in_child(lambda: answers.score(nb), LIMIT_S) == dict.fromkeys(tests, 0)


@pytest.mark.slow
@every_phase
def test_the_release_is_fresh(root, phase):
    assert phase not in release.fresh(root, [phase]), "run `course release` and commit what it made"


def forbidden():
    """What no file of the repository may hold, put together here so that this file does not hold it either."""
    hosts = [
        "pypi." + "org",
        "python" + "hosted.org",
        "download." + "pytorch.org",
        "conda.anaconda." + "org",
        "registry." + "npmjs.org",
    ]
    machines = ["/" + "work/(main|shared)", "/" + r"root/\w", "/" + r"home/[a-z]\w", "/" + r"Users/\w", "/" + "opt/(pypi|wheels)"]
    return re.compile("|".join([re.escape(host) for host in hosts] + [rf"(?<![\w.~]){path}" for path in machines]))


def test_no_file_names_a_registry_or_a_machine(root):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    found = []
    for path in sorted({root / one for one in listed.stdout.split("\0") if one}):
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        found += [f"{path.relative_to(root)}: {match[0]}" for match in forbidden().finditer(text)]
    assert not found


# The rules themselves can say no.


def test_words_leave_out_formulas_tags_and_addresses():
    assert len(words("Two *words* $a + b$ <b>here</b>\n$$x\n= y$$ [and a link](https://example.com/a-b)")) == 6


@pytest.mark.parametrize("text", ["a $x b", "a $$x b", r"$\frac{1}{2$", r"$\left( x )$", "a $ x$ b", r"$$\begin{matrix} 1 $$"])
def test_broken_formulas_are_seen(text):
    assert formula_problem(text)


@pytest.mark.parametrize(
    "text", ["none", r"it costs \$5", "`$HOME` and `$x`", r"$x$, $\{a\}$ and $$\left[\frac{a}{b}\right]$$", "```\n$ ls\n```"]
)
def test_good_formulas_are_not(text):
    assert formula_problem(text) is None


@pytest.mark.parametrize(
    "source",
    [
        "assert f(1) == 2",
        "print(1)\ncheck.close(f(1), 2, 'h')",
        "check.close(f(1), 2, 'h')\nf(1)",
        "x = f(1)",
        "try:\n    f()\nexcept E:\n    pass",
    ],
)
def test_test_cells_that_do_something_else_are_seen(source):
    assert test_cell_problem(source)


def test_good_test_cells_are_not():
    source = '"""What."""\nx = f(1)\nx.backward()\nfor n in (1, 2):\n    with torch.no_grad():\n        check.close(f(n), n, "h")'
    assert test_cell_problem(source) is None


@pytest.mark.parametrize(
    ("explore", "graded", "seen"),
    [
        ("a = 1", "b = a", ["a"]),
        ("a = 1", "def f():\n    return a", ["a"]),
        ("a = 1", "a += 1", ["a"]),
        ("import math as a", "b = [a.pi for i in range(3)]", ["a"]),
        ("for a in (1, 2):\n    c = a", "b = a + c", ["a", "c"]),
        ("a = 1", "a = 2\nb = a", []),
        ("a = 1", "b = [a for a in (1, 2)]", []),
        ("a = 1", "def f(a):\n    return a", []),
        ("a = 1", "for a in (1, 2):\n    b = a", []),
        ("def f(a):\n    c = a", "b = c", []),
    ],
)
def test_explore_cells_that_graded_cells_need_are_seen(explore, graded, seen):
    from nbformat.v4 import new_code_cell, new_notebook

    nb = new_notebook(cells=[new_code_cell(explore, metadata={"tags": ["explore"]}), new_code_cell(graded)])
    assert [one for _, one in needs_of_graded_cells(nb)] == seen
    assert not set(seen) & set(dir(builtins))


def test_the_toy_course_keeps_the_rules_that_it_can(toy):
    nb = notebooks.to_notebook(toy / "source" / "toy" / "toy.nb.py")
    assert not [text for text in prose(nb) if formula_problem(text)] and not needs_of_graded_cells(nb)
    assert not [cell for cell in code(nb) if notebooks.is_graded(cell) and test_cell_problem(cell.source)]
    assert answers.in_child(lambda: answers.score(nb), LIMIT_S) == full(nb)
    assert not notebooks.stale(toy)
    assert release.fresh(toy) == ["toy"]  # nothing is released yet
