"""Every test cell splits into a probe that shows nothing of what is expected, and a verdict that judges as the cell does."""

import ast
import contextlib
import io
import re
import tokenize
from functools import cache

import pytest
from conftest import ROOT, phases

from course import answers, check, notebooks
from course.grading import judgeable, split
from course.grading.hook import hook
from course.grading.verdict import Verdict
from course.grading.wire import Opaque, Raised, decode, encode

LIMIT_S = 300


@cache
def cells(phase):
    """The code cells that grading runs: (name, source, kind)."""
    nb = notebooks.to_notebook(ROOT / "source" / phase / f"{phase}.nb.py")
    kinds = {True: "test"}
    return [
        (
            notebooks.grade_id(one) or one.id,
            one.source,
            kinds.get(notebooks.is_graded(one), "solution" if notebooks.is_solution(one) else "given"),
        )
        for one in nb.cells
        if answers.runs(one)
    ]


@cache
def probes(phase):
    """Every cell as the student's process gets it, by name."""
    found = split.probe_sources([(source, kind == "test") for _, source, kind in cells(phase)])
    return {name: probe for (name, _, _), probe in zip(cells(phase), found, strict=True)}


def graded(phase):
    return {name: source for name, source, kind in cells(phase) if kind == "test"}


def run_probe(source, namespace, name="probe"):
    """What the probe sent, and the error that ended the cell."""
    arrived = []
    namespace["__probe__"] = hook(lambda *message: arrived.append(message))
    try:
        answers.run_cell(source, name, namespace)
    except Exception as error:
        return arrived, Raised.of(error)
    return arrived, None


def run_verdict(source, namespace, arrived, stopped=None):
    namespace["__verdict__"] = verdict = Verdict(arrived, stopped)
    answers.run_cell(source, "verdict", namespace)
    verdict.finish()
    return verdict


def judge(phase, name, student, trusted):
    arrived, stopped = run_probe(probes(phase)[name], student, name)
    return run_verdict(split.verdict_source(graded(phase)[name]), trusted, arrived, stopped)


def run_reference(phase, at=lambda place, student, trusted: None):
    """Both namespaces through the notebook, with the reference's solutions; `at` is called before each cell."""
    student, trusted = answers.fresh_namespace(), answers.fresh_namespace()
    found = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for place, (name, source, kind) in enumerate(cells(phase)):
            at(place, student, trusted)
            if kind == "test":
                verdict = judge(phase, name, student, trusted)
                found[name] = [one.message for one in verdict.outcomes if not one.held], len(verdict.outcomes)
            else:
                for namespace in (student, trusted):
                    answers.run_cell(source, name, namespace)
    return found


def compare(phase, place, answer, student, trusted):
    """For each test cell of an answer's exercise: what it says when it runs as it is, and what the verdict says."""
    block = [cells(phase)[place]]
    for one in cells(phase)[place + 1 :]:
        if one[2] == "solution":
            break
        block.append(one)
    names = {name for name, _, kind in block if kind == "test"}

    def whole():
        said = {}
        for name, source, _ in block:
            try:
                answers.run_cell(answer.source if name == answer.exercise else source, name, trusted)
                said[name] = ""
            except Exception as error:
                said[name] = str(error)
        return {name: said[name] for name in names}

    def apart():
        said = {}
        for name, source, kind in block:
            if kind == "test":
                verdict = judge(phase, name, student, trusted)
                said[name] = verdict.first.message if verdict.first else ""
            else:
                answers.run_cell(source, name, trusted)
                with contextlib.suppress(Exception):
                    answers.run_cell(answer.source if kind == "solution" else source, name, student)
        return said

    return answers.in_child(whole), answers.in_child(apart)


@pytest.fixture(scope="module")
def reference():
    """`reference(phase)`: what is judged of the reference, and of one wrong answer to each exercise, out of one run."""
    known = {}

    def of(phase):
        def work():
            found = []

            def at(place, student, trusted):
                name, _, kind = cells(phase)[place]
                path = ROOT / "tests" / "answers" / phase / f"{name}.py"
                if kind == "solution" and path.is_file():
                    wrong = [one for one in answers.parse(path) if one.kind == "wrong"]
                    for answer in wrong[:2]:
                        found.append((name, answer.label, *compare(phase, place, answer, student, trusted)))

            return run_reference(phase, at), found

        if phase not in known:
            known[phase] = answers.in_child(work, LIMIT_S)
        return known[phase]

    return of


every_phase = pytest.mark.parametrize("phase", phases())


@every_phase
def test_the_reference_passes_every_check(reference, phase):
    judged, _ = reference(phase)
    assert set(judged) == set(graded(phase))
    assert not {name: messages for name, (messages, _) in judged.items() if messages}
    assert all(count for _, count in judged.values())


@every_phase
def test_wrong_answers_get_the_same_verdict_and_the_same_words(reference, phase):
    _, compared = reference(phase)
    assert len(compared) >= 10 or phase != "foundations"
    for name, label, whole, apart in compared:
        assert whole.keys() == apart.keys() and any(whole.values()), (name, label)
        assert {key: bool(said) for key, said in whole.items()} == {key: bool(said) for key, said in apart.items()}, (name, label)
        for key in whole:
            assert whole[key].split("\n")[0] == apart[key].split("\n")[0], (name, label, key)


@every_phase
def test_every_test_cell_can_be_judged(phase):
    found, written = {}, set()
    for name, source, kind in cells(phase):
        if kind == "test" and (problems := judgeable.problems(source, written)):
            found[name] = problems
        written = judgeable.student_names([(source, kind == "solution")], written)
    assert not found


@every_phase
def test_stubs_fail_everywhere_as_not_written(phase):
    def work():
        student, trusted, found = answers.fresh_namespace(), answers.fresh_namespace(), {}
        with contextlib.redirect_stdout(io.StringIO()):
            for name, source, kind in cells(phase):
                if kind == "test":
                    arrived, stopped = run_probe(probes(phase)[name], student, name)
                    verdict = Verdict(arrived, stopped)
                    # What is expected does not matter to a stub: the verdict is asked for everything, in the cell's own way.
                    trusted["__verdict__"] = verdict
                    answers.run_cell(split.verdict_source(source), name, trusted)
                    found[name] = (verdict.passed, verdict.first.unwritten, verdict.first.message)
                    continue
                answers.run_cell(source, name, trusted)
                begin, end = notebooks.BEGIN_SOLUTION, notebooks.END_SOLUTION
                stub = re.sub(rf"([ \t]*){begin}.*?{end}", r"\1raise NotImplementedError('write it')", source, flags=re.S)
                with contextlib.suppress(Exception):
                    answers.run_cell(stub, name, student)
        return found

    for name, (passed, unwritten, message) in answers.in_child(work, LIMIT_S).items():
        # Where the whole class is to be written, its name is missing, in a notebook as well.
        assert not passed and (unwritten and message == "write it" or "is not defined" in message), (name, message)


def inner(node):
    """The expression that a lambda without arguments stands for, as well."""
    return [node, node.body] if isinstance(node, ast.Lambda) and not node.args.args else [node]


@every_phase
def test_probes_show_nothing_of_what_is_expected(phase):
    for name, source in graded(phase).items():
        probe, tree = probes(phase)[name], ast.parse(source)
        assert not re.search(r"HIDDEN|check\.(close|equal|same|that|raises)", probe), name
        tokens = tokenize.generate_tokens(io.StringIO(probe).readline)
        assert not [one.string for one in tokens if one.type == tokenize.COMMENT], name
        assert not [
            one for one in ast.walk(ast.parse(probe)) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        ]
        shown = {ast.unparse(one) for one in ast.walk(ast.parse(probe)) if isinstance(one, ast.expr)}
        needed = {
            ast.unparse(part)
            for one in split.find_checks(tree).values()
            for value in one.part(True).values()
            for part in ast.walk(value)
            if isinstance(part, ast.expr)
        }
        inputs = [one for made in ast.walk(tree) if isinstance(made, ast.Assign) for one in ast.walk(made.value)]
        made = {ast.unparse(one) for one in inputs if isinstance(one, ast.expr)}
        for one in split.find_checks(tree).values():
            for role, value in one.part(False).items():
                text = ast.unparse(value)
                if role == "hint" and not isinstance(value, ast.Name):
                    words = [
                        part.value for part in ast.walk(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    ]
                    assert not [word for word in words if len(word) > 8 and word in probe], (name, words)
                elif role in ("expected", "predicate") and len(text) > 6:
                    assert text not in shown or text in needed | made, (name, text)
        for line in re.findall(r"^([A-Z]{4,}) = ", source, re.M):
            assert line not in probe, (name, line)
    assert not any(
        name in probes(phase).get(cell, "") for cell in graded(phase) for name in ("oracle_table", "by_hand(", "pairs_loss")
    )


# The split itself, on small cells.

F = "def f(x):\n    return 2 * x\n"


def both(cell, student=F, later=None, **names):
    """The verdict on a small cell; `f` is what the student wrote."""
    one, two = dict(names), dict(names)
    for namespace, source in ((one, student), (two, F)):
        namespace["check"] = check
        exec(source, namespace)
    return run_verdict(split.verdict_source(cell), two, *run_probe(split.probe_source(cell, later), one))


CELLS = [
    "check.close(f(2), 4, 'h')",
    "check.close(actual=lambda: f(2), expected=4.0, hint='h', atol=1)",
    "for n in range(3):\n    check.equal(lambda: f(n), n + n, f'h {n}')",
    "def each(n):\n    want = n + n\n    check.equal(lambda: f(n), want, 'h')\nfor n in (1, 5):\n    each(n)",
    "def outer(n):\n    def each(m):\n        check.equal(lambda: f(m) + n, m + m + n, 'h')\n    each(3)\nouter(1)",
    "import contextlib\nwith contextlib.nullcontext(3) as n:\n    check.equal(f(n), 6, 'h')",
    "check.same(lambda: f(f(1)), lambda: f(2), 'h')",
    "check.that(lambda: f(3), lambda y: y > 5, 'h')",
    "check.raises(lambda: f({}), TypeError, 'h')",
    "x = 1\nwhile x < 9:\n    check.equal(f(x), x + x, 'h')\n    x += 3",
    "if 1 < 2:\n    check.equal(f(1), 2, 'h')\nelse:\n    check.equal(f(1), 3, 'h')",
    "m = 0\ndef each(n):\n    global m\n    m = n\n    check.equal(f(n), n + n, 'h')\neach(3)\ncheck.equal(f(m), 6, 'h')",
    "for n, want in [(1, 2), (2, 4)]:\n    check.equal(f(n), want, 'h')",
]


@pytest.mark.parametrize("cell", CELLS)
def test_small_cells_pass_and_fail(cell):
    assert not judgeable.problems(cell)
    assert both(cell).passed and both(cell, later=()).passed
    wrong = both(cell, "def f(x):\n    return 4 if x == {} else -x - 1")
    assert not wrong.passed and wrong.first.hint.startswith("h")
    unwritten = both(cell, "def f(x):\n    raise NotImplementedError('write f')")
    assert not unwritten.passed and unwritten.first.unwritten and unwritten.first.message == "write f"


@pytest.mark.parametrize(
    ("cell", "gone", "kept"),
    [
        ("a = 7\ncheck.close(f(1), a, 'h')", "a", ""),
        ("a = 7\nb = a + 1\ncheck.close(f(1), b, 'h')", "ab", ""),
        ("a = 7\nb = a + 1\ncheck.close(f(a), b, 'h')", "b", "a"),
        ("def a():\n    return 7\ncheck.close(f(1), a(), 'h')", "a", ""),
        ("import math as a\ncheck.close(f(1), a.pi, 'h')", "a", ""),
        ("a = []\na.append(7)\ncheck.close(f(1), a, 'h')", "a", ""),
        ("a = {}\na[0] = 7\ncheck.close(f(1), a, 'h')", "a", ""),
        ("a = 0\nfor i in range(7):\n    a += i\ncheck.close(f(1), a, 'h')", "ai", ""),
        ("b, a = 1, 7\ncheck.close(f(b), a, 'h')", "a", "b"),
        ("b, a = 1, 7\na = [a for b in range(a)]\ncheck.close(f(b), a, 'h')", "a", "b"),
        ("b = a = 7\ncheck.close(f(b), a, 'h')", "a", "b"),
        ("for b, a in [(1, 7), (2, 7)] + [(3, 7)]:\n    check.close(f(b), a, 'h')", "a", "b"),
        ("a = 'why'\ncheck.close(f(1), 2, a)", "a", ""),
        ("a = 7\ncheck.that(lambda: f(1), lambda x: x < a, 'h')", "a", ""),
        ("a = 7\ncheck.close(f(1), 2, 'h', atol=a)", "a", ""),
        ("def b(a):\n    c = 7\n    check.close(f(a), c, 'h')\nb(1)", "c", "ab"),
        ("a = 7\nc = 8\ncheck.close(f(1), a, 'h')", "a", "c"),
        ("a = 7\nb = lambda: a\ncheck.close(lambda: f(b), 7, 'h')", "", "ab"),
        ("with torch.no_grad():\n    a = 7\ncheck.close(f(1), a, 'h')", "a", ""),
    ],
)
def test_what_only_expected_values_use_is_gone(cell, gone, kept):
    probe = split.probe_source(cell)
    names = {one.id for one in ast.walk(ast.parse(probe)) if isinstance(one, ast.Name)}
    names |= {getattr(one, "name", None) or getattr(one, "arg", None) for one in ast.walk(ast.parse(probe))}
    assert not names & set(gone) and set(kept) <= names, probe
    assert "7" not in probe or set("ab") & set(kept), probe
    assert not judgeable.problems(cell)


def test_what_later_cells_need_stays():
    one, two = "a = 1\nb = 2\nc = 3\ncheck.equal(f(1), a, 'h')", "check.equal(f(a), b, 'h')"
    assert split.probe_source(one, {"a"}).startswith("a = 1\n__probe__")
    assert split.probe_sources([(one, True), (two, True)]) == [
        "a = 1\n__probe__(0, lambda: f(1))\n",
        "__probe__(0, lambda: f(a))\n",
    ]
    middle = "a = 5\ncheck.equal(f(a), 1, 'h')"
    assert "a = 1" not in split.probe_sources([(one, True), (middle, True), (two, True)])[0]
    helper = "def g():\n    return a"  # it may be called after `a` was made anew
    assert "a = 1" in split.probe_sources([(helper, False), (one, True), ("check.equal(g(), 1, 'h')", True)])[1]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("assert f(1) == 2\ncheck.close(f(1), 2, 'h')", "not a check"),
        ("torch.testing.assert_close(f(1), 2)\ncheck.close(f(1), 2, 'h')", "not a check"),
        ("if f(1) != 2:\n    raise AssertionError\ncheck.close(f(1), 2, 'h')", "not a check"),
        ("x = check.close(f(1), 2, 'h')", "statement of its own"),
        ("[check.close(f(1), 2, 'h') for i in (1, 2)]", "statement of its own"),
        ("close = check.close\nclose(f(1), 2, 'h')", "statement of its own"),
        ("c = check\nc.close(f(1), 2, 'h')", "another name"),
        ("getattr(check, 'close')(f(1), 2, 'h')", "another name"),
        ("from course.check import close\nclose(f(1), 2, 'h')", "imported"),
        ("check.close(f(1), f(2) / 2, 'h')", "needs f"),
        ("check.that(2, lambda x: x == f(1), 'h')", "needs f"),
        ("y = f(1)\ncheck.that(2, lambda x: x == y, 'h')", "needs y"),
        ("def g():\n    return f(1)\ncheck.close(f(1), g(), 'h')", "needs g"),
        ("for y in f(1):\n    check.close(y, 1, 'h')", "how often"),
        ("for y in f(1):\n    pass\ncheck.close(1, y, 'h')", "needs y"),
        ("check.close(f(1), 2, 'h')\n### BEGIN HIDDEN TESTS\ncheck.that(f(1), bool, 'h')\n### END HIDDEN TESTS", "hidden part"),
        ("x = f(1)", "no check"),
        ("check.close(*case, 'h')", "one by one"),
        ("check.close(f(1), 2)", "one by one"),
        ("check.close((y := f(1)), 2, 'h')", "assign"),
        ("class A:\n    check.close(f(1), 2, 'h')", "cannot be"),
        ("def never():\n    check.close(f(1), 2, 'h')\ncheck.close(f(1), 2, 'h')", ""),
        ("def each(n, want):\n    check.close(f(n), want, 'h')\neach(1, 2)", "'want'"),
        ("cases = [(1, 2)]\nfor n, want in cases:\n    check.close(f(n), want, 'h')", "want"),
        ("x, want = case()\ncheck.close(f(x), want, 'h')", "want"),
        ("x = [1]\nwant = x[:]\nupdate(want, x)\ncheck.close(f(x), want, 'h')", "may change"),
        ("__probe__(0, lambda: 1)\ncheck.close(f(1), 2, 'h')", "grader's"),
        ("check.close(f(1), 2, 'h'", "cannot be"),
    ],
)
def test_cells_that_cannot_be_judged_are_seen(cell, says):
    found = judgeable.problems(cell, {"f"})
    assert any(says in one for one in found) if says else not found, found


# A process that lies.

TWO = "check.close(f(1), 2.0, 'first')\ncheck.close(f(2), 4.0, 'second')"


def lie(arrived, cell=TWO, stopped=None):
    return run_verdict(split.verdict_source(cell), {"check": check}, arrived, stopped)


def sent(*values):
    return [encode(one) for one in values]


HONEST = [(0, 0, sent(2.0)), (1, 0, sent(4.0))]


def test_the_honest_process_passes():
    assert lie(HONEST).passed


class Always:
    def __eq__(self, other):
        return True


LIES = {
    "nothing": [],
    "missing": HONEST[:1],
    "the first missing": HONEST[1:],
    "twice": [*HONEST, HONEST[1]],
    "twice at once": [HONEST[0], *HONEST],
    "wrong order": HONEST[::-1],
    "one too many": [*HONEST, (2, 0, sent(1.0))],
    "another turn": [HONEST[0], (1, 1, sent(4.0))],
    "wrong number": [HONEST[0], (1, 0, sent(5.0))],
    "nan": [HONEST[0], (1, 0, sent(float("nan")))],
    "none": [HONEST[0], (1, 0, sent(None))],
    "wrong shape": [HONEST[0], (1, 0, sent([4.0]))],
    "text": [HONEST[0], (1, 0, sent("4.0"))],
    "equal to everything": [HONEST[0], (1, 0, sent(Always()))],
    "a made opaque": [HONEST[0], (1, 0, sent(Opaque("float", "4.0")))],
    "an error": [HONEST[0], (1, 0, sent(Raised(["builtins.ValueError"], "no")))],
    "an error without a class": [HONEST[0], (1, 0, sent(Raised([], "no")))],
    "garbage": [HONEST[0], (1, 0, [b"\x80\x04N."])],
    "no bytes": [HONEST[0], (1, 0, [4.0])],
    "no message": [HONEST[0], (1, 0, [])],
    "two messages": [HONEST[0], (1, 0, sent(4.0, 4.0))],
    "odd places": [*HONEST, ("0", None, sent(2.0))],
    "true for one": [HONEST[0], (True, 0, sent(4.0))],
    "a flood": HONEST + [(7, i, []) for i in range(100_000)],
    "a huge whole number": [HONEST[0], (1, 0, sent(1 << 8000))],
    "a deep list": [HONEST[0], (1, 0, sent([[[[[[[[4.0]]]]]]]]))],
    "very many numbers": [HONEST[0], (1, 0, sent([4.0] * 300_000))],
}


@pytest.mark.parametrize("kind", LIES)
def test_lies_do_not_pass(kind):
    verdict = lie(LIES[kind])
    assert not verdict.passed and verdict.first.message


def test_one_failure_does_not_hide_the_others():
    verdict = lie([(0, 0, sent(3.0)), (1, 0, sent(4.0))])
    assert [one.held for one in verdict.finish()] == [False, True] and not verdict.passed and verdict.first.hint == "first"


def test_a_predicate_that_holds_of_anything_does_not_hold_of_an_object():
    cell = "check.that(f(1), lambda x: True, 'h')"
    assert lie([(0, 0, sent(1))], cell).passed and not lie([(0, 0, sent([1, Always()]))], cell).passed


def test_a_cell_that_ended_with_an_error_does_not_pass():
    assert not lie(HONEST, stopped=Raised(["builtins.KeyError"], "x")).passed
    assert "ended before" in lie(HONEST[:1], stopped=Raised(["builtins.KeyError"], "x")).first.message
    assert lie([], stopped=Raised(["builtins.NotImplementedError"], "write f")).first.unwritten


@pytest.mark.parametrize(("names", "held"), [(["m.Own", "builtins.LookupError"], True), (["m.Own"], False), ([], False)])
def test_raises_goes_by_the_names_of_classes(names, held):
    cell = "check.raises(lambda: f(1), (KeyError, LookupError), 'h')"
    assert lie([(0, 0, sent(Raised(names, "x")))], cell).passed is held
    assert not lie([(0, 0, sent(Opaque("KeyError", "x")))], cell).passed


def test_everything_that_was_sent_can_be_read():
    arrived, stopped = run_probe(split.probe_source(TWO), {"f": lambda x: {"a": [x]}})
    assert stopped is None and [decode(one) for _, _, (one,) in arrived] == [{"a": [1]}, {"a": [2]}]
