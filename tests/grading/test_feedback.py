"""Feedback pages: whatever a submission holds, nothing in its page runs, loads, hides or gives a hidden test away."""

import base64
import json
import math
import shutil
import struct
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_feedback import figure, sample

from course.errors import CourseError
from course.grading import cards, safe, shown
from course.grading.feedback import page, write
from course.grading.result import CheckResult, ExerciseResult, Result
from course.grading.result import TestResult as GradedCell
from course.grading.style import CSS

PNG = figure()
OWN_TAGS = set(
    "html head meta title style body header main footer section h1 h2 p span strong ul ol li a code pre details summary div svg "
    "rect circle path img".split()
)
VOID = {"meta", "img", "br", "hr"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://evil.example/a.png>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</pre></code></li></section></main></body></html><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "<a href='javascript:alert(1)'>go</a>",
    "<a href=' java\tscript:alert(1)'>go</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>go</a>",
    "<a href='//evil.example'>go</a><a href='#exercise-1'>go</a><a href='file:///etc/passwd'>go</a>",
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='data:image/png;base64,PHNjcmlwdD4='>",
    "<iframe src='https://evil.example'></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'><base href='https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'><style>@import 'https://evil.example/x.css';</style>",
    "<style>body{display:none}</style>",
    "<div style='position:fixed;inset:0;background:url(https://evil.example)' class='card' id='exercise-1'>100 of 100</div>",
    "<form action='https://evil.example'><input name=q autofocus><button formaction='javascript:alert(1)'>go</button></form>",
    "<object data='https://evil.example'></object><embed src='https://evil.example'><video src='https://evil.example' autoplay>",
    "<template><script>alert(1)</script></template><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\x1b[31m<script>alert(1)</script>\x1b[0m\x1b]8;;javascript:alert(1)\x07go\x1b]8;;\x07",
    '\x1b[38;2;1;2;3m" style="position:fixed" x="\x1b[0m',
    "\x1b[<\x1b[;script>alert(1)<\x1b[0m/script>",
    "safe \u202e txet desrever \u2066\u2069\u200f\u061c \u2028 \u200b \x00\x07\x08\x7f\x9b \ud800 \U000e0041",
    "<p>&#x202e;&#8238;&#0;&#27;[2J</p>",
    "{}{0}{x.__class__}%s%(x)s{{7*7}}",
    "Z\u0301" + "\u0301" * 5000,
    "<div>" * 3000,
    "<table>" * 500 + "x",
    "<b>" * 3000 + "x",
]


class Reader(HTMLParser):
    """Reads a page, and fails where a page of ours may not go."""

    def __init__(self, html: str, own: bool = False):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.ids, self.links, self.images, self.tags = [], [], [], [], [], []
        self.own = OWN_TAGS | (safe.TAGS if own else set())
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, name, attributes):
        assert name in self.own, name
        given = dict(attributes)
        self.tags.append(name)
        assert len(given) == len(attributes) and not {"style", "srcset", "srcdoc", "formaction", "action", "ping"} & set(given)
        assert not [key for key in given if key.startswith("on") or ":" in key], given
        assert set(given) <= set(
            "href src alt width height class id rel colspan rowspan lang charset name content http-equiv tabindex viewbox "
            "d cx cy r rx fill aria-hidden focusable stroke-dasharray".split()
        ), given
        if "src" in given:
            assert given["src"].startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
            self.images.append(given["src"])
        if "href" in given:
            inside = given["href"].startswith("#exercise-") and "rel" not in given
            outside = given["href"].lower().startswith(("https://", "http://")) and given["rel"] == "noopener noreferrer"
            assert name == "a" and (inside or outside), given
            self.links.append(given["href"])
        if "http-equiv" in given:
            assert given["http-equiv"] == "Content-Security-Policy"
        self.ids += [given["id"]] if "id" in given else []
        self.open += [name] if name not in VOID else []

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        self.handle_endtag(name)

    def handle_endtag(self, name):
        assert self.open and self.open[-1] == name, f"</{name}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if "style" in self.open:
            assert data == CSS
        else:
            self.text.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    handle_pi = unknown_decl = handle_comment

    def handle_decl(self, decl):
        assert decl == "DOCTYPE html"

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def read(result: Result, student="anna", title="Foundations", own=False) -> Reader:
    html = page(result, student, title)
    assert html.encode() and len(html.encode()) <= shown.MAX_PAGE_BYTES
    assert not safe.HIDDEN.search(html)
    found = Reader(html, own)
    assert len(set(found.ids)) == len(found.ids)
    assert found.tags[0] == "html" and html.startswith("<!DOCTYPE html>\n")
    assert [link for link in found.links if link.startswith("#")] == [
        link for link in found.links if link[1:] in found.ids or not link.startswith("#")
    ] or own
    return found


def one(*checks, state="failed", outputs=(), source="", score=0.0, **more) -> Result:
    """A result of one exercise with one test."""
    test = GradedCell("twice-test", "Twice, on a number.", 2, score, list(checks))
    exercise = ExerciseResult("twice", "Twice", 2, score, state, source, [test], **more)
    return Result("toy", score, 2, [exercise], outputs={"twice": list(outputs)} if outputs else {})


def data(**bundle):
    return {
        "output_type": "display_data",
        "data": {name.replace("_", "/"): text for name, text in bundle.items()},
        "metadata": {},
    }


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_text_of_any_kind_stays_text_everywhere(payload):
    check = CheckResult(payload, False, f"{payload}\n  expected: {payload}\n  got: {payload}")
    test = GradedCell(
        payload, payload, 2, 1, [check, CheckResult(payload, False, payload, True), CheckResult(payload, True)], payload
    )
    exercise = ExerciseResult(payload, payload, 2, 1, payload, payload, [test], payload, [payload, "other"], payload)
    other = ExerciseResult("other", payload, 2, 1, "partly", f'"""{payload}', [], f"line 1\n{payload}")
    outputs = [stream(payload), {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload, payload]}]
    outputs += [
        data(text_plain=payload),
        data(text_latex=payload),
        data(text_markdown=payload),
        {"output_type": "error", "ename": payload},
    ]
    outputs += [
        data(image_png=payload),
        data(**{"image_svg+xml": payload}),
        data(application_javascript=payload),
        {payload: payload},
    ]
    result = Result(
        payload, 2, 4, [exercise, other], [payload], [payload], outputs={payload: outputs, "other": outputs, "x": outputs}
    )
    found = read(result, payload, payload)
    assert not [link for link in found.links if not link.startswith("#")] and not found.images
    result.notebook = json.dumps({"cells": [{"id": "x", "source": [payload]}, {"id": payload, "metadata": {}, "source": 3}]})
    read(result, payload, payload)
    read(Result(payload, quarantined=payload, notes=[payload]), payload, payload)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_html_outputs_keep_nothing_that_acts(payload):
    for html in (payload, f"<table><tr><td>{payload}</td></tr></table>", f"<p>{payload}", [payload, "</p>", payload]):
        found = read(one(outputs=[data(text_html=html, text_plain="left")]), own=True)
        assert not found.images and not [link for link in found.links if "evil" in link]
        assert found.ids == ["exercise-1"]


def test_html_outputs_keep_what_is_harmless():
    style = "<style scoped>td {color: red}</style>"
    table = f"{style}<table border=1 class=card><tr><th colspan=2>a</th><td rowspan=900>1.5</td></tr></table>"
    link = '<a href="https://example.org/?a=1&b=2" target=_blank onclick=x>there</a>'
    found = read(one(outputs=[data(text_html=f"{table}{link}<img alt=plot src='data:image/png;base64,{PNG}'>")]), own=True)
    assert "https://example.org/?a=1&b=2" in found.links and len(found.images) == 1 and "table" in found.tags
    html = page(one(outputs=[data(text_html=table)]), "anna", "Toy")
    assert '<th colspan="2">a</th><td>1.5</td>' in html and "color: red" not in html


def test_pictures_are_what_they_say_they_are():
    assert read(one(outputs=[data(image_png=PNG)])).images == [f"data:image/png;base64,{PNG}"]
    assert len(read(one(outputs=[data(image_png=[PNG[:40] + "\n", PNG[40:] + "\n"])])).images) == 1
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0\0\4AB\xff\xc0\0\x0b\x08\0\x10\0\x20\1\1\x11\0\xff\xd9").decode()
    assert safe.image("image/jpeg", jpeg) == (f"data:image/jpeg;base64,{jpeg}", (32, 16))

    def header(width, height):
        return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(20)).decode()

    bad = [
        "",
        "@@@",
        PNG[:10],
        base64.b64encode(b"GIF89a" + bytes(50)).decode(),
        header(50_000, 2),
        header(9000, 9000),
        header(0, 5),
        jpeg,
    ]
    bad += [
        "A" * 3_000_000,
        base64.b64encode(base64.b64decode(PNG) + bytes(safe.MAX_IMAGE_BYTES)).decode(),
        "\ud800",
        PNG + "é",
        3,
        None,
    ]
    for text in bad:
        found = read(one(outputs=[data(image_png=text, text_plain="instead of it")]))
        assert not found.images and "instead of it" in found.words
    assert safe.image("image/jpeg", PNG) is None and safe.image("image/svg+xml", PNG) is None


def test_hidden_checks_show_the_hint_alone():
    checks = [CheckResult("Is the scale right?", False, "Is the scale right?\n  expected: 41.5\n  got: 7", True)] * 3
    checks += [CheckResult("", False, "secret 41.5", True), CheckResult("Held", True, "secret 41.5", True)]
    found = read(one(*checks))
    assert "41.5" not in found.words and "secret" not in found.words
    assert found.words.count("Is the scale right?") == 1 and "(3 times) hidden check" in found.words
    assert "1 check held, 1 of them hidden" in found.words and "This check did not hold." in found.words


def test_a_message_comes_once_hint_first():
    message = "Is the sum over the right axis?\n  expected: 3 at [0, 1]\n  got: 4 (2 of 6 values differ, by up to 1)"
    found = read(one(CheckResult("Is the sum over the right axis?", False, f"\x1b[31m{message}\x1b[0m".replace("\x1b[31m", ""))))
    assert found.words.count("the right axis?") == 1 and "expected: 3 at [0, 1] got: 4 (2 of 6" in found.words
    assert (
        "Values came that no check asked for." in read(one(CheckResult("", False, "Values came that no check asked for."))).words
    )


def test_all_states():
    found = read(sample(), own=True)
    for words in cards.STATES.values():
        assert words in found.words
    assert "74 of 100 points" in found.words and "10 passed" in found.words
    assert [f"exercise-{n}" for n in range(1, 16)] == found.ids
    assert [f"#exercise-{n}" for n in range(1, 16)] == [one for one in found.links if one.startswith("#")][:15]
    assert "3 · Surprise, in nats , partly passed, points: 4 / 8" in found.words
    assert "Go on with 3 · Surprise, in nats" in found.words
    assert "Graded on the reference's version of Batch normalization and Neurons, layers, a network" in found.words
    assert "What was put right in your file" in found.words and "no point depends on a GPU" in found.words
    assert found.words.count("From your own notebook") == 3 and "plot.curve(losses," in found.words
    assert "100%|" in found.words and "10%|" not in found.words.replace("100%|", "")
    assert "1 check to come" in found.words and "line 19, in Layer.__call__" in found.words
    assert "Every exercise passed. Well done." in read(one(CheckResult("a", True), state="passed", score=2.0)).words


def test_quarantined():
    result = Result("toy", quarantined="The file is empty: save it again.", notes=["It came late."])
    found = read(result)
    assert "This file could not be graded The file is empty: save it again." in found.words
    assert (
        "What to do" in found.words
        and "toy.ipynb" in found.words
        and "It came late." in found.words
        and "points: " not in found.words
    )


def test_headings_and_policy():
    html = page(one(), "anna", "Large language models", "Toy & Co")
    assert "<h1>Toy &amp; Co</h1>" in html and "Large language models" in html
    assert "<title>Toy &amp; Co: feedback for anna</title>" in html
    policy = html.index("Content-Security-Policy")
    assert policy < html.index("<style>") and "default-src 'none'" in safe.Markup(html[policy : policy + 200]).unescape()
    assert 'name="referrer" content="no-referrer"' in html and page(one(), "a", "b") == page(one(), "a", "b")


@pytest.mark.parametrize("score", [math.nan, math.inf, -3.0, 7.0, 1.3333333, -0.0])
@pytest.mark.parametrize("points", [math.nan, 0.0, 2.0])
def test_odd_points(score, points):
    result = one(score=score)
    result.score, result.points, result.exercises[0].points = score, points, points
    html = page(result, "anna", "Toy")
    Reader(html)
    assert "nan" not in html and "inf%" not in html and "-0<" not in html


def test_outputs_are_capped_and_say_so():
    found = read(one(outputs=[stream("x" * 70_000), data(text_html="<p>" + "y" * 70_000)]), own=True)
    assert 20_000 <= found.words.count("x") < 20_500 and 19_900 <= found.words.count("y") < 20_500
    assert "Cut after 20,000 of 70,000 characters." in found.words and "Cut after 20,000 of 70,003 characters." in found.words
    found = read(one(outputs=[stream(f"line {n}") for n in range(55)]))
    assert "line 39" in found.words and "line 40" not in found.words
    assert "15 outputs were left out: a page holds 40 at most, and 4 MB." in found.words


def test_pages_stay_below_their_size():
    long = "<'&\u202e" * 30_000
    checks = [CheckResult(f"{n}{long}", False, f"{n}{long}") for n in range(50)]
    tests = [GradedCell(f"t{n}", long, 1, 0, checks, long) for n in range(5)]
    result = Result("toy", repairs=[long] * 90, notes=[long] * 90)
    result.exercises = [ExerciseResult(f"e{n}", long, 5, 0, "failed", long, tests, long, [long] * 90, long) for n in range(20)]
    result.outputs = {f"e{n}": [stream(long)] * 50 for n in range(20)}
    start = time.monotonic()
    found = read(result)
    assert time.monotonic() - start < 20
    assert "this page is full" in found.words and "more checks that did not hold" in found.words and "left out" in found.words
    assert "… and 40 more." in found.words
    result = one(outputs=[data(image_png=base64.b64encode(base64.b64decode(PNG) + bytes(450_000)).decode())] * 20)
    assert 4 <= len(read(result).images) < 8


@pytest.mark.parametrize(
    "text", ["\t\n" * 10_000, "\n" * 20_000 + "x", "(" * 20_000, 'f"{' * 6_000, "'''" + "\\" * 19_000, "\x1b[" * 9_000]
)
def test_no_text_takes_long(text):
    start = time.monotonic()
    read(one(source=f"x{text}x", outputs=[stream(text), data(text_html=text)]), own=True)
    assert time.monotonic() - start < 3


def test_code_is_highlighted_and_keeps_its_lines():
    html = page(one(source="\n\ndef f(x):\n    return '<b>'  # why\n"), "anna", "Toy")
    assert '<span class="line"></span>\n<span class="line"></span>\n<span class="line"><span class="k">def</span>' in html
    assert "4 lines" in html and "&lt;b&gt;" in html


def test_terminal_colours_become_classes():
    html = page(one(outputs=[stream("\x1b[31mred\x1b[0m \x1b[38;5;200mpink\x1b[0m \x1b[2Jgone\x1b[1A")]), "anna", "Toy")
    assert '<span class="ansi-red-fg">red</span>' in html and "pink" in html and "[2J" not in html and "style=" not in html
    assert safe.plain("a\u202eb\x1b[31mc\td\r\ne\u200b") == "a⟨U+202E⟩bc\td\ne⟨U+200B⟩"
    assert safe.plain("Ελληνικά, عربي, é, 👩‍💻, naïve") == "Ελληνικά, عربي, é, 👩‍💻, naïve"


def test_malformed_outputs_are_passed_over():
    bad = [None, 3, "x", [], {}, {"output_type": []}, {"output_type": "stream"}, {"output_type": "stream", "text": 3}]
    bad += [{"output_type": "display_data", "data": []}, {"output_type": "display_data", "data": {"text/plain": {"a": 1}}}]
    result = one(outputs=[*bad, stream("fine")])
    assert "1 output " in f"{read(result).words} " and "fine" in read(result).words
    for notebook in ("", "{", "[]", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{"metadata": []}]}', "null"):
        result.notebook = notebook
        assert "fine" in read(result).words
    result.outputs = {"twice": "x", "a": {"b": 1}, "c": [], "twice-test": [stream("of the test")]}
    assert "Test: Twice, on a number. of the test" in read(result).words
    result.exercises, result.outputs = [], {"a": [stream("alone")]}
    assert "Before the first exercise" in read(result).words


def test_write_makes_folders_and_replaces(tmp_path):
    path = write(tmp_path / "feedback", one(), "anna", "Toy")
    assert path == tmp_path / "feedback" / "anna" / "toy" / "toy.html" and path.read_text(encoding="utf-8") == page(
        one(), "anna", "Toy"
    )
    assert write(tmp_path / "feedback", sample(), "anna é", "Toy").is_file()
    write(tmp_path / "feedback", Result("toy", quarantined="Why \ud800?"), "anna", "Toy")
    assert "could not be graded" in path.read_text(encoding="utf-8") and [one.name for one in path.parent.iterdir()] == [
        "toy.html"
    ]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a\0b", ".hidden", " "])
def test_write_refuses_names_that_lead_elsewhere(tmp_path, name):
    with pytest.raises(CourseError):
        write(tmp_path, one(), name, "Toy")
    with pytest.raises(CourseError):
        write(tmp_path, Result(name), "anna", "Toy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_write_refuses_links(tmp_path, depth):
    (tmp_path / "out").mkdir()
    (tmp_path / "victim").mkdir()
    target = tmp_path / "out" / "anna" / "toy" / "toy.html"
    link = [target.parent.parent, target.parent, target][depth - 1]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "victim" / "file")
    with pytest.raises(CourseError, match="is a link"):
        write(tmp_path / "out", one(), "anna", "Toy")
    assert list((tmp_path / "victim").iterdir()) == []


@pytest.mark.slow
def test_in_a_browser(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or pytest.skip("no Chromium is installed")
    result = sample()
    result.notes.append("x" * 500)
    wide = "<table><tr>" + "<td>wide</td>" * 60 + "</tr></table>"
    attack = "<img src=https://evil.example/x onerror=alert(1)><style>body{display:none}</style>"
    result.outputs["init"] = [data(text_html=wide + attack), stream("x" * 3000), data(image_png=PNG)]
    path = write(tmp_path, result, "anna", "Foundations")
    grounds = {}
    with playwright.sync_playwright() as manager:
        browser = manager.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            for width in (360, 1200):
                page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                said, asked = [], []
                page.on("console", lambda message, said=said: said.append(message.text))
                page.on("pageerror", lambda error, said=said: said.append(str(error)))
                page.on("dialog", lambda dialog, said=said: said.append(dialog.message))
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.goto(path.as_uri())
                page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                page.wait_for_timeout(200)
                assert page.evaluate("document.documentElement.scrollWidth") == width
                out = "[...document.querySelectorAll('main *')].filter(one => !one.closest('pre, .rich, .unseen')"
                assert page.evaluate(f"{out} && one.getBoundingClientRect().right > innerWidth).length") == 0
                assert not said and not [url for url in asked if not url.startswith(("file:", "data:"))]
                assert page.evaluate("[...document.querySelectorAll('img[src]')].every(one => one.naturalWidth > 50)")
                page.locator(".bars a").nth(5).click()
                assert page.url.endswith("#exercise-6") and page.locator("#exercise-6:target").is_visible()
                grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
                page.close()
        browser.close()
    assert grounds["light"] != grounds["dark"]
    assert Path(path).stat().st_size < 500_000
