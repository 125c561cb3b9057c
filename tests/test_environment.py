"""The ways in agree: pyproject.toml, environment.yml, the Makefile and continuous integration name the same things."""

import os
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

MINORS = range(8, 30)


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def pythons(project):
    """The Python versions that pyproject.toml allows, as '3.11'."""
    from packaging.specifiers import SpecifierSet

    allowed = SpecifierSet(project["requires-python"])
    return [f"3.{minor}" for minor in MINORS if f"3.{minor}.5" in allowed]


@pytest.fixture(scope="module")
def makefile(root):
    return (root / "Makefile").read_text("utf-8")


@pytest.fixture(scope="module")
def workflow(root):
    return yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["test"]


def installed(text):
    """The extras in an install of the course's own folder, as in -e .[grading,dev]."""
    (found,) = re.findall(r"-e '?\.\[([\w,]+)\]", text)
    return set(found.split(","))


def test_conda_takes_the_same_packages(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    assert environment["name"] == project["name"]
    python, pip, lines = environment["dependencies"]
    assert python.removeprefix("python") == project["requires-python"] and pip == "pip"
    assert lines["pip"][0] == "-c constraints.txt"
    assert installed("\n".join(lines["pip"])) == {"grading"} <= set(project["optional-dependencies"])


def test_make_takes_the_same_packages(project, pythons, makefile):
    assert "-c constraints.txt" in makefile
    assert installed(makefile) == {"grading", "dev"} <= set(project["optional-dependencies"])
    low, high = re.search(r"\(3, (\d+)\) <= sys\.version_info\[:2\] <= \(3, (\d+)\)", makefile).groups()
    assert [f"3.{low}", f"3.{high}"] == [pythons[0], pythons[-1]]
    assert f"needs Python {pythons[0]} to {pythons[-1]}" in makefile


def test_continuous_integration_runs_make(root, pythons, workflow, makefile):
    versions = workflow["strategy"]["matrix"]["python"]
    assert versions == [pythons[0], pythons[-1]]
    assert {name.split("-")[0] for name in workflow["strategy"]["matrix"]["os"]} == {"ubuntu", "macos"}
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split())
    called = {target for step in workflow["steps"] for target in re.findall(r"^make (\w+)", step.get("run", ""))}
    assert called == {"setup", "test"} <= targets
    assert "PIP_ARGS" in workflow["env"] and "$(PIP_ARGS)" in makefile
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK) and script.read_text("utf-8").rstrip().endswith("make test")


def test_the_readme_names_the_same_pythons_and_targets(root, pythons, makefile):
    readme = (root / "README.md").read_text("utf-8")
    assert f"{pythons[0]} to {pythons[-1]}" in readme or f"{pythons[0]}-{pythons[-1]}" in readme
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split())
    assert set(re.findall(r"`make (\w+)", readme)) <= targets


def test_everything_pinned_is_asked_for(root, project):
    names = {re.match(r"[\w-]+", line)[0].lower() for line in project["dependencies"]}
    pinned = re.findall(r"^([\w-]+)==", (root / "constraints.txt").read_text("utf-8"), re.M)
    assert pinned and set(pinned) <= names


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def copy(root, tmp_path):
    """A folder with the Makefile and what set-up depends on, and a Python that only pretends."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, tmp_path)
    return tmp_path


def make(folder, *words):
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True)


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@needs_make
@pytest.mark.parametrize("what", ["too old", "not there"])
def test_the_wrong_python_is_one_sentence(copy, what):
    python = copy / "old-python"
    if what == "too old":
        script(python, "exit 1")
    done = make(copy, "setup", f"PYTHON={python}")
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode and len(said) == 1 and "needs Python 3.11 to 3.13" in said[0]


@needs_make
def test_no_venv_module_says_what_to_install(copy):
    done = make(copy, "setup", f"PYTHON={script(copy / 'python', '[ $1 = -c ]')}")
    assert done.returncode and "apt install python3-venv" in done.stderr


@needs_make
def test_set_up_runs_once_until_the_packages_change(copy):
    """A make of a virtual environment whose python and course only write down that they were called."""
    note = 'echo "$(basename $0) $*" >> calls.txt'
    script(copy / ".venv" / "bin" / "python", note)
    script(copy / ".venv" / "bin" / "course", note)
    calls = copy / "calls.txt"

    def run():
        calls.write_text("")
        assert make(copy, "demo", f"PYTHON={script(copy / 'python', 'true')}", "PIP_ARGS=--no-input").returncode == 0
        return calls.read_text().splitlines()

    install = "python -m pip install --no-input -c constraints.txt -e .[grading,dev]"
    assert run() == ["python -m pip --version", install, "course fetch", "course demo"]
    assert run() == ["course demo"]
    os.utime(copy / "constraints.txt", (4e9, 4e9))
    assert install in run()
