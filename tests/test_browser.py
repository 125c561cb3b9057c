"""A released notebook in JupyterLab, in a real browser: formulas, a wrong answer, a right one, a figure, progress, Validate."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import make_toy, phases

from course import answers, notebooks, release

pytestmark = pytest.mark.slow
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_S, CELL_S, NOTEBOOK_S = 90, 120, 600
FEW = 4  # exercises among whose cells a figure is looked for

# JupyterLab draws only the cells near the window: these find a cell, bring it to the middle, and say what it shows.
HELPERS = """
window.course = {
  notebook: () => window.jupyterapp.shell.currentWidget.content,
  place: id => course.notebook().widgets.findIndex(one => one.model.getMetadata('nbgrader')?.grade_id === id),
  show: async place => {
    const nb = course.notebook();
    nb.activeCellIndex = place;
    nb.mode = 'command';
    nb.activate();
    await nb.scrollToItem(place, 'center');
    nb.widgets[place].node.scrollIntoView({block: 'center'});
  },
  source: place => course.notebook().widgets[place].model.sharedModel.getSource(),
  write: (place, text) => course.notebook().widgets[place].model.sharedModel.setSource(text),
  count: place => course.notebook().widgets[place].model.executionCount,
  outputs: place => course.notebook().widgets[place].model.outputs.toJSON(),
  ran: (place, before) => {
    const model = course.notebook().widgets[place].model;
    return model.executionState === 'idle' && model.executionCount !== null && model.executionCount !== before;
  },
};
"""


def chromium(manager) -> str:
    """A Chromium to drive: the system's, or else playwright's own; the test is skipped where there is none."""
    own = manager.chromium.executable_path
    found = shutil.which("chromium") or shutil.which("chromium-browser") or (own if Path(own).is_file() else None)
    return found or pytest.skip("no Chromium: install the system's package, or run `playwright install chromium`")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(params=["toy", *phases()])
def course_folder(request, root, tmp_path):
    """A course folder with one released phase, and the folder with its answers and its text: (folder, phase, origin)."""
    phase = request.param
    if phase == "toy":
        folder = make_toy(tmp_path / "course")
        release.release(folder)
        return folder, phase, folder
    if not (root / "release" / phase / f"{phase}.ipynb").is_file():
        pytest.skip(f"{phase} is not released yet")
    folder = tmp_path / "course"
    (folder / "source").mkdir(parents=True)
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(root / name, folder)
    shutil.copytree(root / "release" / phase, folder / "release" / phase)
    return folder, phase, root


@pytest.fixture
def address(root, course_folder, tmp_path):
    """The address of the notebook in a `course lab` that runs on that folder, with settings of its own."""
    folder, phase, _ = course_folder
    port, token = free_port(), secrets.token_hex(16)
    words = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root", "--expose-app-in-browser"]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces")}
    environment = os.environ | own | {"IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_TOKEN": token}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    environment.pop("MPLBACKEND", None)  # the answers harness sets it in its own process, and a kernel would draw nothing
    # A question about news would stand in the way of the first click.
    quiet = tmp_path / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    log = (tmp_path / "lab.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "course.cli", "lab", *words], cwd=folder, env=environment, stdout=log, stderr=log
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/api/status?token={token}", server, tmp_path / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/tree/{phase}/{phase}.ipynb?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    """Until the server answers; the test fails with the server's own words where it does not."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture
def page(address, course_folder, tmp_path):
    """A browser's page with the notebook open and its kernel idle."""
    with playwright.sync_playwright() as manager:
        browser = manager.chromium.launch(executable_path=chromium(manager), args=OPTIONS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(CELL_S * 1000)
            page.goto(address)
            page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
            page.evaluate(HELPERS)
            page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
            yield page
        finally:
            browser.close()


class Lab:
    """What a student does with the notebook, and the pictures taken of it."""

    def __init__(self, page, phase: str, pictures: Path):
        self.page, self.phase, self.pictures, self.taken = page, phase, pictures, 0
        pictures.mkdir(parents=True, exist_ok=True)

    def shoot(self, what: str) -> None:
        self.taken += 1
        self.page.screenshot(path=self.pictures / f"{self.phase}-{self.taken}-{what}.png")

    def place(self, grade_id: str) -> int:
        return self.page.evaluate("id => course.place(id)", grade_id)

    def show(self, place: int):
        """The cell on the screen."""
        self.page.evaluate("place => course.show(place)", place)
        cell = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        playwright.expect(cell).to_be_visible()
        return cell

    def type(self, place: int, text: str) -> None:
        """Replace the cell's text with the keyboard."""
        self.show(place).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)
        self.page.wait_for_function("([place, text]) => course.source(place) === text", arg=[place, text])

    def run(self, place: int, limit_s: float = CELL_S) -> str:
        """Run the cell with the keyboard, and return the text of its outputs as shown."""
        before = self.page.evaluate("place => course.count(place)", place)
        self.show(place)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function("([place, before]) => course.ran(place, before)", arg=[place, before], timeout=limit_s * 1000)
        cell = self.show(place)
        return (
            cell.locator(".jp-OutputArea").inner_text()
            if self.page.evaluate("place => course.outputs(place).length", place)
            else ""
        )

    def failed(self, place: int) -> bool:
        return any(one["output_type"] == "error" for one in self.page.evaluate("place => course.outputs(place)", place))


def choices(origin: Path, phase: str, nb, exercise) -> tuple[str, str, str, dict[str, str]]:
    """A wrong answer that the visible tests catch, their message's first line, and a right answer, to the first exercise.

    And a right answer to each of the first few exercises, by name.
    """
    written = {
        one.name: answers.parse(origin / "tests" / "answers" / phase / f"{one.name}.py") for one in notebooks.exercises(nb)[:FEW]
    }
    right = {name: next(one.source for one in found if one.kind == "right").rstrip() for name, found in written.items()}

    def caught():
        namespace = answers.fresh_namespace()
        for cell in filter(answers.runs, nb.cells[: exercise.solution]):
            answers.run_cell(cell.source, notebooks.grade_id(cell) or cell.id, namespace)
        for one in written[exercise.name]:
            if one.kind == "wrong":
                verdict = answers.attempt(nb, exercise, one, dict(namespace))
                if verdict.by_check:
                    return one.source.rstrip(), verdict.message.removeprefix("CheckFailed: ").splitlines()[0]
        return None

    found = answers.in_child(caught)
    assert found, f"no visible test of {exercise.name} catches any of its wrong answers"
    return *found, right[exercise.name], right


def check_formulas(lab: Lab, nb) -> None:
    """Every formula of every markdown cell is drawn, and none as an error."""
    for place, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown" and "$" in cell.source:
            shown = lab.show(place)
            playwright.expect(shown.locator("mjx-container, .katex").first).to_be_attached()
            assert not shown.locator("mjx-merror, [data-mjx-error], .katex-error").count(), cell.source
            if lab.taken == 0:
                lab.shoot("formulas")


def check_a_figure(lab: Lab, nb, right: dict[str, str]) -> bool:
    """Whether one of the first few exercises, answered right, draws something by the time its cells have run."""
    for exercise in notebooks.exercises(nb)[:FEW]:
        lab.page.evaluate("([place, text]) => course.write(place, text)", [exercise.solution, right[exercise.name]])
    solutions = [exercise.solution for exercise in notebooks.exercises(nb)]
    end = solutions[FEW] if len(solutions) > FEW else len(nb.cells)
    for place in range(solutions[0], end):
        if nb.cells[place].cell_type == "code" and "progress(" not in nb.cells[place].source:
            lab.run(place)
            assert not lab.failed(place), f"cell {place} failed: {nb.cells[place].source}"
            drawn = lab.show(place).locator(".jp-OutputArea img, .jp-OutputArea svg, .jp-OutputArea canvas")
            if drawn.count():
                playwright.expect(drawn.first).to_be_visible()
                lab.shoot("figure")
                return True
    return False


def test_a_student_in_jupyterlab(course_folder, page, tmp_path):
    folder, phase, origin = course_folder
    nb = notebooks.read(folder / "work" / phase / f"{phase}.ipynb")
    exercise = notebooks.exercises(nb)[0]
    wrong, message, right, everything = choices(origin, phase, nb, exercise)
    lab = Lab(page, phase, Path(os.environ.get("COURSE_SCREENSHOTS") or tmp_path / "screenshots"))

    check_formulas(lab, nb)
    solution = lab.place(exercise.name)
    assert solution == exercise.solution
    for place in range(solution):
        if nb.cells[place].cell_type == "code":
            lab.run(place)
            assert not lab.failed(place), nb.cells[place].source

    lab.type(solution, wrong)
    lab.run(solution)
    said = {place: lab.run(place) for place in exercise.tests}
    seen = next((place for place, text in said.items() if message in " ".join(text.split())), None)
    assert seen is not None, f"{message!r} is nowhere in {said}"
    playwright.expect(lab.show(seen).get_by_text("✗").first).to_be_visible()
    lab.shoot("wrong-answer")

    lab.type(solution, right)
    lab.run(solution)
    for place in exercise.tests:
        lab.run(place)
        assert not lab.failed(place)
    lab.shoot("right-answer")

    # Validate runs the notebook as saved: it must not name the exercise that is solved, and must name others.
    page.keyboard.press("Control+S")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.get_by_role("button", name="Validate").or_(page.locator(".validate-button, [data-command*=validate]")).first.click()
    result = page.locator("#validation-message")
    result.wait_for(timeout=NOTEBOOK_S * 1000)
    lab.shoot("validate")
    assert "validation-failed" in result.get_attribute("class"), result.inner_text()
    failing = [" ".join(text.split()) for text in result.locator("pre").all_inner_texts()]
    assert failing and not {" ".join(nb.cells[place].source.split()) for place in exercise.tests} & set(failing)
    page.locator(".jp-Dialog .jp-mod-accept").click()

    assert check_a_figure(lab, nb, everything), "no figure in the first few exercises"
    page.keyboard.press("Control+S")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    last = max(place for place, cell in enumerate(nb.cells) if cell.cell_type == "code" and "progress(" in cell.source)
    text = lab.run(last)
    assert not lab.failed(last), text
    bar = lab.show(last).locator("[role=img][aria-label*=points]")
    playwright.expect(bar).to_be_visible()
    earned, of = bar.get_attribute("aria-label").split()[:3:2]
    assert 0 < float(earned) <= float(of) == 100
    lab.shoot("progress")
