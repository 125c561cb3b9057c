"""The first cell of a released notebook: what it does here, in Colab, and where nothing is installed."""

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.bootstrap import badge, cell

URL = "https://github.com/someone/some-course"
WHAT = f"git+{URL}"


@pytest.fixture
def place(monkeypatch):
    """`place(course, google, colab, versions, status)` sets where the cell believes to be; returns the pip calls it makes."""

    def at(course=False, google=(), colab=False, versions=None, status=0):
        real, calls = importlib.util.find_spec, []

        def find_spec(name, package=None):
            if name == "course":
                return SimpleNamespace(origin="course/__init__.py") if course else None
            return (object() if name in google else None) if name.startswith("google") else real(name, package)

        def version(name):
            if name not in (versions or {}):
                raise PackageNotFoundError(name)
            return versions[name]

        def run(command, **options):
            calls.append((command, Path(command[command.index("--constraint") + 1]).read_text().split()))
            return SimpleNamespace(returncode=status, stderr="ERROR: no network\n")

        monkeypatch.setattr(importlib.util, "find_spec", find_spec)
        monkeypatch.setattr("importlib.metadata.version", version)
        monkeypatch.setattr(subprocess, "run", run)
        monkeypatch.setenv("COLAB_RELEASE_TAG", "release") if colab else monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
        return calls

    return at


def run_cell():
    exec(compile(cell(URL), "first cell", "exec"), {})


def test_where_the_course_is_nothing_happens(place, capsys):
    for colab in (False, True):
        assert place(course=True, colab=colab) == []
        run_cell()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("where", [{"colab": True}, {"google": ("google", "google.colab")}])
def test_colab_installs_the_course_and_keeps_its_torch(place, capsys, where):
    calls = place(versions={"torch": "2.9.0+cu126", "numpy": "2.0.2", "pandas": "2.2.2"}, **where)
    run_cell()
    [(command, kept)] = calls
    assert kept == ["torch==2.9.0+cu126", "numpy==2.0.2"]
    assert command[:4] == [sys.executable, "-m", "pip", "install"] and command[-1] == WHAT
    assert capsys.readouterr().out == "Installed the course; kept torch==2.9.0+cu126, numpy==2.0.2\n"


def test_a_failure_says_what_to_do(place, capsys):
    place(colab=True, status=1)
    with pytest.raises(RuntimeError, match="check the network, then run this cell again"):
        run_cell()
    assert "no network" in capsys.readouterr().out


@pytest.mark.parametrize("google", [(), ("google",)])
def test_elsewhere_one_sentence_says_how_to_install_it(place, google):
    calls = place(google=google)
    with pytest.raises(ModuleNotFoundError, match="`make lab` in its folder, or `pip install 'git") as caught:
        run_cell()
    assert not calls and "\n" not in str(caught.value)


def test_a_folder_called_course_is_not_the_course(place, monkeypatch):
    place()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: SimpleNamespace(origin=None) if name == "course" else None)
    with pytest.raises(ModuleNotFoundError):
        run_cell()


def test_the_cell_is_short_and_takes_any_address():
    assert len(cell(URL).splitlines()) <= 25 and max(map(len, cell(URL).splitlines())) <= 130
    assert f'"{WHAT}"' in cell(URL) == cell(f"git+{URL}")
    assert '"git+file:///some/where"' in cell("git+file:///some/where") == cell("file:///some/where")
    assert f'"llm-course[gpu] @ git+{URL}"' in cell(URL, "gpu")


def test_badges_are_for_github():
    shown = badge(f"{URL}.git", "foundations")
    assert shown.endswith(
        "(https://colab.research.google.com/github/someone/some-course/blob/main/release/foundations/foundations.ipynb)"
    )
    assert shown == badge(URL, "foundations") and "Open foundations in Colab" in shown
    assert badge("https://example.org/someone/some-course", "foundations") == badge("file:///some/where", "toy") == ""


@pytest.fixture
def venv(tmp_path):
    """A fresh environment, gone after the test."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    yield tmp_path / "venv"
    shutil.rmtree(tmp_path / "venv")


def _python(venv: Path, program: str, **environment: str) -> str:
    """What a program prints in another environment."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [venv / "bin" / "python", "-c", program], cwd=venv, env=kept | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_pip_is_content_with_a_local_version_that_no_index_has(venv, tmp_path):
    """Colab's torch carries a suffix such as +cu126: the constraint holds it without looking for it anywhere."""
    library = Path(_python(venv, "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    info = library / "torch-2.9.0+cu126.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.9.0+cu126\n")
    (info / "RECORD").write_text("")
    (info / "INSTALLER").write_text("pip\n")
    wants = tmp_path / "wants"
    wants.mkdir()
    (wants / "pyproject.toml").write_text(
        textwrap.dedent("""
            [build-system]
            requires = []
            build-backend = "backend"
            backend-path = ["."]
        """)
    )
    # A build backend in a few lines: the smallest package that needs torch, with nothing to download to build it.
    (wants / "backend.py").write_text(
        textwrap.dedent("""
            import zipfile

            def build_wheel(folder, settings=None, metadata=None):
                with zipfile.ZipFile(f"{folder}/wants-1-py3-none-any.whl", "w") as wheel:
                    wheel.writestr("wants-1.dist-info/METADATA",
                                   "Metadata-Version: 2.1\\nName: wants\\nVersion: 1\\nRequires-Dist: torch>=2.6\\n")
                    wheel.writestr("wants-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    wheel.writestr("wants-1.dist-info/RECORD", "")
                return "wants-1-py3-none-any.whl"
        """)
    )
    program = cell(URL).replace(WHAT, str(wants))
    # No index at all: had pip looked for torch, it would have found none and failed.
    said = _python(venv, program, COLAB_RELEASE_TAG="test", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")
    assert "kept torch==2.9.0+cu126" in said
    assert [path.name for path in library.glob("torch*")] == ["torch-2.9.0+cu126.dist-info"]
    assert (library / "wants-1.dist-info").is_dir()


@pytest.mark.slow
def test_the_course_installs_beside_a_torch_that_is_there(root, venv, tmp_path):
    """In a fresh environment with torch and without the course, from a clone of what is committed here."""
    if subprocess.run(["git", "rev-parse", "--verify", "--quiet", "HEAD"], cwd=root, capture_output=True).returncode:
        pytest.skip("nothing is committed yet, so there is no repository to install from")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--constraint", root / "constraints.txt", "torch", "numpy"]
    subprocess.run(pip, check=True)
    look = "import torch, os, importlib.metadata as m; f = torch.__file__; print(m.version('torch'), os.stat(f).st_mtime_ns, f)"
    before = _python(venv, look)
    said = _python(venv, cell(f"file://{clone}"), COLAB_RELEASE_TAG="test")
    assert said.startswith(f"Installed the course; kept torch=={before.split()[0]}, numpy==")
    assert _python(venv, look) == before
    use = "import course, course.check, torch; course.check.close(torch.ones(2), torch.ones(2), '?'); print(course.__file__)"
    found = _python(venv, use)
    assert found.startswith(str(venv))
    # With the course there, the cell has nothing left to do.
    assert _python(venv, cell(f"file://{clone}"), COLAB_RELEASE_TAG="test") == ""
