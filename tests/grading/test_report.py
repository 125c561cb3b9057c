"""The class at a glance: numbers against numpy and by hand, hostile texts, small and odd classes, the page in a browser."""

import base64
import csv
import hashlib
import html
import math
import random
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from course import syllabus
from course.errors import CourseError
from course.grading import result as outcome
from course.grading.report import COLUMNS, report
from course.grading.result import CheckResult, ExerciseResult, Result
from course.grading.statistics import correlation, histogram, summarize

VOID = {"meta", "br", "link", "img", "input"}
HOSTILE = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE student; --",
    "</td></table></style>&amp;",
    '=HYPERLINK("http://example.com";"win")',
    "+1+1",
    "-2",
    "@SUM(A1:A9)",
    "\tTab",
    "\rReturn",
    'a;"=1+1',
    "＝1+1",
    "line\nbreak, and comma",
    "nul\0 and bell\a",
    "\u202egnp.exe",
    "lone \udcff surrogate",
    "x" * 300,
    "Zoë Ångström 王芳 🙂",
]


def exercise(name, score, points=10, state=None, checks=(), title="", **more):
    state = state or ("passed" if score == points else "partly" if score else "failed")
    tests = [outcome.TestResult(f"{name}-test", "", points, score, list(checks))]
    return ExerciseResult(name, title or f"About {name}", points, score, state, tests=tests, **more)


def result(*exercises, **more):
    more = {"seconds": 2.0, "cpu_s": 1.0} | more
    return Result("toy", sum(one.score for one in exercises), sum(one.points for one in exercises), list(exercises), **more)


def scored(rows, names="abcdefgh"):
    """A class whose students have these scores, one column for each exercise."""
    return {f"s{i:02}": result(*(exercise(names[j], score) for j, score in enumerate(row))) for i, row in enumerate(rows)}


def realistic(count=40, seed=1):
    """A class as it might be: students of different strength, exercises of different weight, every state, repairs, hints."""
    rng, found = random.Random(seed), {}
    planned = syllabus.phase("foundations").exercises
    for i in range(count):
        first, last = rng.choice("Ada Björn Chidi Mei Noor Priya Zoë".split()), rng.choice("Okafor Müller García".split())
        name = f"{first} {last} {i}"
        if i % 20 == 13:
            found[name] = Result(
                "foundations", quarantined="foundations.ipynb is not a notebook (it is not JSON): save it again."
            )
            continue
        strength, made = rng.gauss(0.5, 1), []
        for place, one in enumerate(planned):
            luck = strength + rng.gauss(0, 0.8) - place / 10
            if luck < -1.5:
                made += [exercise(one.name, 0, one.points, "unwritten", title=one.title)]
            elif luck < -1.2:
                made += [exercise(one.name, 0, one.points, "stopped", reason="It took longer than 60 s.", title=one.title)]
            else:
                checks = [
                    CheckResult("Is the first axis the batch?", luck > 0, "" if luck > 0 else "no"),
                    CheckResult("Is it?", luck > -0.5),
                ]
                score = one.points if luck > 0 else one.points // 2 if luck > -0.5 else 0
                made += [exercise(one.name, score, one.points, checks=checks, title=one.title)]
        repairs = ["These cells were changed; the course's own were run in their place: init-test, bigram-test."] * (i % 7 == 0)
        more = {"seconds": rng.lognormvariate(2, 0.5), "cpu_s": 5.0, "repairs": repairs}
        found[name] = Result("foundations", sum(one.score for one in made), 100, made, **more)
    return found


class Page(HTMLParser):
    """A page as a tree of tags that must close, with its words, and every attribute that it has."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def written(results, folder, scores=None, phase="toy"):
    """The page parsed, and the rows of the table."""
    page, table = report(phase, results, scores, folder)
    with table.open(encoding="utf-8-sig", newline="") as file:
        return Page(page.read_text("utf-8")), list(csv.DictReader(file))


# Numbers.


def test_quartiles_mean_and_times_are_numpys():
    results = {
        f"s{i}": result(exercise("a", score, 100), seconds=score / 7, cpu_s=score / 9)
        for i, score in enumerate([3, 90, 41, 77, 12, 66])
    }
    summary, scores = summarize(results), [3, 90, 41, 77, 12, 66]
    assert summary.quartiles == pytest.approx(np.percentile(scores, [25, 50, 75]))
    assert summary.mean == pytest.approx(np.mean(scores)) and summary.maximum == 100
    assert summary.seconds.median == pytest.approx(np.median(scores) / 7)
    assert (summary.seconds.maximum, summary.cpu.total) == pytest.approx((90 / 7, sum(scores) / 9))
    assert summary.slowest == "s1"


def test_discrimination_by_hand():
    # Exercise a: 0 0 10 10 against the rest 2 4 6 8: covariance 10, deviations 5 and sqrt 5.
    items = summarize(scored([(0, 2, 0), (0, 4, 0), (10, 6, 0), (10, 8, 0)])).items
    assert items[0].discrimination == pytest.approx(10 / (5 * math.sqrt(5)))
    assert items[2].discrimination is None


def test_discrimination_is_scipys_on_a_class():
    rows = np.random.default_rng(0).integers(0, 11, (30, 6))
    for place, item in enumerate(summarize(scored(rows.tolist())).items):
        rest = rows.sum(1) - rows[:, place]
        assert item.discrimination == pytest.approx(stats.pearsonr(rows[:, place], rest).statistic)


@pytest.mark.parametrize(
    "rows", [[(1, 2)], [(1, 2), (3, 4)], [(5, 1), (5, 2), (5, 3)], [(1, 5), (2, 5), (3, 5)], [(0.1 + 0.2, 1), (0.3, 2), (0.3, 3)]]
)
def test_discrimination_says_nothing_where_nothing_can_be_said(rows):
    assert summarize(scored(rows)).items[0].discrimination is None


def test_correlation_stays_within_bounds():
    assert correlation([1, 2, 3], [1e-3, 2e-3, 3e-3]) == 1 and correlation([1, 2, 3], [3e9, 2e9, 1e9]) == -1


def test_passes_shares_and_states():
    results = {
        "a": result(exercise("one", 10), exercise("none", 0, 0, "passed")),
        "b": result(exercise("one", 4), exercise("none", 0, 0, "failed")),
        "c": result(exercise("one", 0, state="unwritten")),
        "d": result(exercise("one", 0, state="stopped")),
        "e": result(exercise("one", 0, state="a state of tomorrow")),
        "f": Result("toy", quarantined="no"),
    }
    one, none = summarize(results).items
    assert one.states == {"passed": 1, "partly": 1, "failed": 1, "stopped": 1, "unwritten": 1}
    assert (one.graded, one.passes, one.share) == (5, 0.2, pytest.approx(0.28))
    assert (none.graded, none.passes, none.share) == (2, 0.5, None)


@pytest.mark.parametrize(
    ("scores", "maximum", "edges", "counts"),
    [
        ([0, 9.99, 10, 99, 100], 100, range(0, 101, 10), [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]),
        ([-3, 120], 100, range(0, 101, 10), [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ([0.3], 1, [i / 10 for i in range(11)], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ([7], 7, range(8), [0, 0, 0, 0, 0, 0, 1]),
        ([17], 17, range(0, 19, 2), [0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ([0], 0, [], []),
    ],
)
def test_bins(scores, maximum, edges, counts):
    found = histogram(scores, maximum)
    assert found[0] == pytest.approx(list(edges)) and found[1] == counts


def test_a_large_class_has_finer_bins_that_agree_with_numpy():
    scores = np.random.default_rng(1).uniform(0, 100, 200).round(1)
    edges, counts = histogram(scores.tolist(), 100)
    assert counts == np.histogram(scores, edges)[0].tolist() and len(counts) == 20


def test_hints_count_each_student_once_and_only_what_failed_first():
    bad, worse = CheckResult("Which axis?", False, "no"), CheckResult("Which sign?", False, "no")
    hidden, good = CheckResult("Overflow?", False, "no", hidden=True), CheckResult("Shape?", True)
    results = {
        "a": result(exercise("one", 0, checks=[good, bad, worse]), exercise("two", 0, checks=[bad])),
        "b": result(exercise("one", 0, checks=[bad]), exercise("two", 0, checks=[hidden, worse])),
        "c": result(exercise("one", 0, state="unwritten", checks=[bad])),
        "d": Result("toy", quarantined="no", exercises=[exercise("one", 0, checks=[bad])]),
        "e": result(exercise("one", 0, checks=[CheckResult("", False, "Values came that no check asked for.\nmore")])),
    }
    found = [(hint.text, hint.students, hint.exercises, hint.hidden) for hint in summarize(results).hints]
    assert found == [
        ("Which axis?", 2, ("one", "two"), False),
        ("Overflow?", 1, ("two",), True),
        ("Values came that no check asked for.", 1, ("one",), False),
    ]


def test_a_stop_hides_the_hints_that_it_caused_and_keeps_those_before():
    early, late = CheckResult("Which axis?", False, "no"), CheckResult("Never came", False, "no")
    stopped = outcome.TestResult("one-test-2", "", 5, 0, [late], stopped="It took longer than 60 s.")
    before = [outcome.TestResult("one-test", "", 5, 0, [early])]
    results = {
        "a": result(ExerciseResult("one", "", 10, 0, "stopped", tests=[*before, stopped])),
        "b": result(ExerciseResult("one", "", 10, 0, "stopped", tests=[stopped], reason="It needed more than 4 GB.")),
    }
    summary = summarize(results)
    assert [(hint.text, hint.students) for hint in summary.hints] == [("Which axis?", 1)]
    assert dict(summary.stops) == {("one", "It took longer than 60 s."): 1, ("one", "It needed more than 4 GB."): 1}


def test_repairs_are_counted_by_file_and_their_cells_by_name():
    changed = "These cells were changed; the course's own were run in their place: "
    several = "There are 2 cells for 'a': the last one that was written in was graded."
    results = {
        "a": result(repairs=[changed + "a-test, b-test.", several, several]),
        "b": result(repairs=[changed + "b-test."]),
        "c": result(),
    }
    summary = summarize(results)
    assert summary.repaired == 2
    assert [(one.text, one.files, one.cells) for one in summary.repairs] == [
        (changed[:-2], 2, (("b-test", 2), ("a-test", 1))),
        (several, 1, ()),
    ]


# The page and the table.


def test_a_class_as_it_might_be(tmp_path):
    results = realistic()
    scores = {student: one.score for student, one in results.items() if not one.quarantined}
    first = min(scores)
    page, rows = written(results, tmp_path, scores | {first: scores[first] - 7.5, "Not Here": 50.0}, "foundations")
    assert len(rows) == 40 and [row["student"] for row in rows] == sorted(results, key=str.casefold)
    assert "graded; 2 quarantined" in page.text and "Worth a look" in page.text and "median score in the gradebook" in page.text
    assert "1 score in the gradebook differs from the automatic one:" in page.text and "Not Here" in page.text
    for one in syllabus.phase("foundations").exercises:
        assert one.title in page.text and one.name in page.text
    for heading in (
        "Scores",
        "Exercises",
        "What they stumbled over",
        "What was stopped",
        "What was repaired",
        "Time",
        "Students",
    ):
        assert heading in page.text


def test_the_page_needs_nothing_and_runs_nothing(tmp_path):
    page, _ = report("foundations", realistic(), None, tmp_path)
    text = page.read_text("utf-8")
    parsed = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(parsed.tags)
    assert not [one for one in parsed.attributes if one[1].startswith("on") or one[1] in ("href", "src", "style")]
    policy = next(
        value for tag, name, value in parsed.attributes if tag == "meta" and name == "content" and "default-src" in value
    )
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    assert "http" not in text.replace("http-equiv", "") and "prefers-color-scheme:dark" in style and "@media print" in style


def test_the_same_results_give_the_same_bytes_in_any_order(tmp_path):
    results = realistic()
    one, two = (
        report("foundations", results, None, tmp_path / "a"),
        report("foundations", dict(reversed(results.items())), None, tmp_path / "b"),
    )
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_hostile_texts_stay_texts(tmp_path):
    results = {}
    for i, text in enumerate(HOSTILE):
        checks = [CheckResult(text, False, text)]
        results[text] = result(
            exercise("one", i % 3, checks=checks),
            exercise("two", 0, state="stopped", reason=text),
            repairs=[text],
            quarantined=text * (i % 4 == 1),
        )
    page, rows = written(results, tmp_path, {text: 1.0 for text in HOSTILE})
    assert not {"script", "img"} & set(page.tags) and not [one for one in page.attributes if one[1].startswith("on")]
    assert page.tags.count("table") == 6 and page.tags.count("style") == 1
    assert '<script>alert("x")</script>' in page.text and "\0" not in page.text
    assert page.tags.count("bdi") >= len(HOSTILE)
    assert len(rows) == len(HOSTILE)
    raw = (tmp_path / "toy.csv").read_bytes().decode("utf-8-sig")
    for cells in csv.reader(raw.splitlines(keepends=True)):
        for cell in cells:
            assert not cell.startswith(tuple("=+@\t\r＝")) and not (cell.startswith("-") and not _is_number(cell))
            assert not re.search(r';[\s"]*[=+@-]', cell)


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_formulas_get_an_apostrophe(start, tmp_path):
    name = f"{start}1+1"
    _, rows = written({name: Result("toy", quarantined=name)}, tmp_path)
    assert rows[0]["student"] == rows[0]["reason"] == f"'{name}"


def test_table_comes_back_through_csv(tmp_path):
    results = {
        "Ümit, Jr.": result(exercise("one", 2.5), exercise("two", 10), seconds=1.234),
        "ada": result(exercise("one", -1)),
        "Zed": Result("toy", quarantined='It is "not" a notebook,\nnot at all.'),
    }
    _, rows = written(results, tmp_path, {"ada": 3, "Zed": 40})
    assert list(rows[0]) == [*COLUMNS, "one", "two", "seconds", "reason"]
    assert [row["student"] for row in rows] == ["ada", "Zed", "Ümit, Jr."]
    assert list(rows[0].values()) == ["ada", "graded", "-1", "10", "3", "-1", "", "2", ""]
    assert list(rows[1].values()) == ["Zed", "quarantined", "", "", "40", "", "", "0", 'It is "not" a notebook,\nnot at all.']
    assert list(rows[2].values()) == ["Ümit, Jr.", "graded", "12.5", "20", "", "2.5", "10", "1.23", ""]


def test_table_comes_back_through_pandas(tmp_path):
    pandas = pytest.importorskip("pandas")
    results = realistic()
    _, path = report("foundations", results, None, tmp_path)
    frame = pandas.read_csv(path)
    assert list(frame.columns[:2]) == ["student", "status"] and len(frame) == 40
    graded = frame[frame.status == "graded"].set_index("student")
    assert graded.score.to_dict() == {student: one.score for student, one in results.items() if not one.quarantined}
    assert frame[frame.status == "quarantined"].score.isna().all()


def test_table_starts_with_one_byte_order_mark(tmp_path):
    _, path = report("toy", {"a": result()}, None, tmp_path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfstudent,")


# Small and odd classes.


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({"a": result()}, "The results hold no exercises."),
        ({"a": result(exercise("one", 0, 0))}, "The notebook gives no points."),
        (
            {"a": Result("toy", quarantined="It is empty."), "b": Result("toy", quarantined="It is empty.")},
            "graded; 2 quarantined",
        ),
        ({"a": result(exercise("one", 5))}, "n/a"),
        ({"a": result(exercise("one", 5)), "b": result(exercise("two", 5))}, "About two"),
        ({f"s{i}": Result("toy", quarantined="It is empty.") for i in range(9)}, "4 more could not be graded"),
        ({f"s{i}": result(exercise("one", 15)) for i in range(3)}, "graded; 0 quarantined"),
    ],
)
def test_small_and_odd_classes(results, said, tmp_path):
    page, rows = written(results, tmp_path)
    assert said in page.text and len(rows) == len(results)
    assert "nan" not in page.text.lower().split() and not [
        one for one in page.attributes if "nan" in str(one[2]).lower().split("%")
    ]


def test_gradebook_scores_show_only_where_one_differs(tmp_path):
    results = scored([(1, 2), (3, 4)])
    same, _ = written(results, tmp_path, {"s00": 3.0, "s01": 7})
    other, rows = written(results, tmp_path, {"s00": 2.5, "s01": None})
    by_hand, _ = written(results | {"s02": Result("toy", quarantined="It is empty.")}, tmp_path, {"s02": 12.5})
    assert "Gradebook" not in same.text
    assert "quarantined: It is empty.12.5" in by_hand.text and "1 score in the gradebook differs" in by_hand.text
    assert "Gradebook" in other.text and [row["gradebook score"] for row in rows] == ["2.5", ""]


def test_a_low_discrimination_is_named(tmp_path):
    rows = [(10 * (i % 2), i // 2, i // 2) for i in range(20)]
    page, _ = written(scored(rows), tmp_path)
    assert "a does not tell strong students from weak ones (discrimination" in page.text


def test_hints_are_cut_at_twenty(tmp_path):
    results = {f"s{i}": result(exercise("one", 0, checks=[CheckResult(f"Hint number {i:02}?", False, "no")])) for i in range(23)}
    page, _ = written(results, tmp_path)
    assert "The 20 most frequent of 23." in page.text and "Hint number 19?" in page.text and "Hint number 20?" not in page.text


# Bad input.


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({}, r"run `course grade toy` first\.$"),
        ({"a": Result("toy"), "b": Result("other")}, r"report one phase at a time\.$"),
        ({"a": Result("other")}, r"Results of other came with those of toy"),
        ({"a": result(exercise("one", float("nan")))}, r"'a' is not a number: grade that student again\.$"),
    ],
)
def test_bad_input_is_said_in_one_sentence(results, said, tmp_path):
    with pytest.raises(CourseError, match=said) as caught:
        report("toy", results, None, tmp_path / "new")
    assert "\n" not in str(caught.value) and not (tmp_path / "new").exists()


# In a browser.


@pytest.mark.slow
def test_on_a_phone_nothing_sticks_out_and_nothing_complains(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or pytest.skip("no Chromium")
    results = realistic() | {text: result(exercise("x" * 80, 3, checks=[CheckResult(text * 3, False)])) for text in HOSTILE}
    results = {student: Result(**vars(one) | {"phase": "foundations"}) for student, one in results.items()}
    page, _ = report("foundations", results, {student: 7.5 for student in results}, tmp_path)
    said = []
    with playwright.sync_playwright() as manager:
        browser = manager.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for width in (390, 800, 1200):
            for scheme in ("light", "dark"):
                shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                shown.on("console", lambda message: said.append(message.text))
                shown.on("pageerror", lambda error: said.append(str(error)))
                shown.on("dialog", lambda dialog: said.append(dialog.message))
                shown.goto(Path(page).as_uri())
                assert shown.evaluate("document.documentElement.scrollWidth") <= width
                ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
                assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}[scheme]
        assert shown.evaluate("document.scripts.length") == 0
        browser.close()
    assert not said


def test_escaping_is_not_doubled(tmp_path):
    page, _ = report("toy", {"R&D <team>": result(exercise("one", 10))}, None, tmp_path)
    assert html.escape("R&D <team>") in page.read_text("utf-8") and "&amp;amp;" not in page.read_text("utf-8")
