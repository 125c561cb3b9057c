"""The `course` command: what it prints, and one sentence with exit code 1 for what the reader can put right."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from conftest import ROOT, course_process

from course import cli, lab, notebooks, release
from course.errors import CourseError


def course(*words, cwd):
    return course_process("course.cli", *words, cwd=cwd)


def one_sentence(done) -> str:
    """The message of a command that failed as it should: a line on stderr, no traceback."""
    assert done.returncode == 1 and done.stdout == "", done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("course: ")
    return line


def test_an_unknown_phase_is_one_sentence(toy):
    for command in ("build", "release"):
        assert "no phase called 'nope': choose from toy" in one_sentence(course(command, "nope", cwd=toy))


def test_no_course_here_is_one_sentence(tmp_path):
    assert "change to the course's folder" in one_sentence(course("build", cwd=tmp_path))


def test_build_and_its_check(toy):
    done = course("build", cwd=toy)
    assert (done.returncode, done.stdout) == (0, "source/toy/toy.ipynb\n")
    assert course("build", "--check", cwd=toy / "source").returncode == 0
    text = toy / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace("A toy course", "Another"), "utf-8")
    assert "toy; run `course build`" in one_sentence(course("build", "--check", cwd=toy))


def test_release_and_its_check(toy):
    assert "toy; run `course release`" in one_sentence(course("release", "--check", cwd=toy))
    assert not (toy / "release").exists() and not (toy / "gradebook.db").exists()
    done = course("release", "toy", cwd=toy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "release/toy\n", "")


@pytest.mark.parametrize("content", ["not json", "{}", "[1, 2]"])
def test_progress_on_what_is_no_notebook_is_one_sentence(tmp_path, content):
    path = tmp_path / "mine.ipynb"
    path.write_text(content)
    assert "open it in JupyterLab, save it" in one_sentence(course("progress", str(path), cwd=tmp_path))
    assert "does not exist" in one_sentence(course("progress", "missing.ipynb", cwd=tmp_path))


@pytest.mark.slow
def test_progress_runs_the_notebook_without_what_explores(toy, tmp_path):
    nb = notebooks.read(toy / "source" / "toy" / "toy.ipynb")
    nb.cells[-2].source = "raise SystemExit"
    for one in nb.cells:
        if notebooks.grade_id(one) == "mean-square":
            one.source = "def mean_square(x):\n    return x.mean() ** 2"
        if "explore" in notebooks.tags(one):
            one.source = "open('explored', 'w').close()"
    (tmp_path / "toy.ipynb").write_bytes(notebooks.to_bytes(nb))
    done = course("progress", "toy.ipynb", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "twice" in done.stdout and "mean-square" in done.stdout
    assert not (tmp_path / "explored").exists()


@pytest.mark.slow
def test_the_students_server_validates_without_what_explores_and_grades_nothing(toy):
    """The server of `course lab`, asked over HTTP what the Validate button asks."""
    release.release(toy)
    nb = notebooks.read(toy / "release" / "toy" / "toy.ipynb")
    for one in nb.cells:
        if "explore" in notebooks.tags(one):
            one.source = "open('explored', 'w').close()"
    (toy / "release" / "toy" / "toy.ipynb").write_bytes(notebooks.to_bytes(nb))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=t"]
    with (toy / "log.txt").open("w") as log:
        command = [sys.executable, "-m", "course.cli", "lab", *options]
        paths = [str(ROOT), os.environ.get("PYTHONPATH")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        server = subprocess.Popen(command, cwd=toy, stdout=log, stderr=log, env=environment)

    def ask(path, data=None):
        headers = {"Authorization": "token t", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    try:
        for _ in range(120):
            try:
                ask("api/status")
                break
            except OSError:
                time.sleep(0.5)
        said = (toy / "log.txt").read_text()
        assert "work/toy/toy.ipynb is your copy" in said and f"http://127.0.0.1:{port}/lab" in said
        assert [one["name"] for one in ask("api/contents")["content"]] == ["toy"]
        answer = ask("assignments/validate", b'{"path": "toy/toy.ipynb"}')
        assert answer["success"], answer
        assert "Exercise 'twice': write it here" in answer["value"]["failed"][0]["raw_error"]
        assert not list(toy.rglob("explored"))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask("formgrader/api/assignments")
    finally:
        server.terminate()
        server.wait(30)


def test_an_error_that_is_none_of_the_readers_keeps_its_traceback(monkeypatch):
    def broken():
        raise RuntimeError("a bug")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(RuntimeError):
        cli.main()


def test_copies_are_made_once_and_never_overwritten(toy):
    with pytest.raises(CourseError, match="course release"):
        lab.copy_missing(toy)
    source, copy = toy / "release" / "toy" / "toy.ipynb", toy / "work" / "toy" / "toy.ipynb"
    (source.parent / "img").mkdir(parents=True)
    (source.parent / "img" / "a.svg").write_text("<svg/>")
    source.write_text("first")
    assert lab.copy_missing(toy) == ["work/toy/img/a.svg is your copy to work in.", "work/toy/toy.ipynb is your copy to work in."]
    copy.write_text("mine")
    assert lab.copy_missing(toy) == []
    source.write_text("second")
    [line] = lab.copy_missing(toy)
    assert line.startswith("release/toy/toy.ipynb has changed since") and copy.read_text() == "mine"
    copy.rename(copy.with_name("old.ipynb"))
    assert lab.copy_missing(toy) == ["work/toy/toy.ipynb is your copy to work in."] and copy.read_text() == "second"
    # Without the record nothing is known of a copy's origin, so nothing is claimed.
    (toy / "work" / lab.RECORD).write_text("[broken")
    copy.write_text("mine again")
    assert lab.copy_missing(toy) == [] and copy.read_text() == "mine again"


def test_lab_opens_on_the_copies_with_the_students_settings(toy, monkeypatch):
    started = []
    monkeypatch.setattr("os.execv", lambda program, command: started.append((program, command)))
    monkeypatch.setattr("os.environ", {"JUPYTER_CONFIG_PATH": "/elsewhere"})
    monkeypatch.chdir(toy / "source")
    (toy / "release" / "toy").mkdir(parents=True)
    shutil.copy(toy / "source" / "toy" / "toy.ipynb", toy / "release" / "toy")
    monkeypatch.setattr(sys, "argv", ["course", "lab", "--no-browser", "--port=9000"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    [(program, command)] = started
    assert program == sys.executable and command[1:3] == ["-m", "jupyterlab"] and command[-2:] == ["--no-browser", "--port=9000"]
    assert f"--ServerApp.root_dir={toy / 'work'}" in command
    assert os.getcwd() == str(toy), "the Validate button looks for nbgrader_config.py in the server's own folder"
    settings = toy / "work" / ".jupyter"
    assert os.environ["JUPYTER_CONFIG_PATH"] == f"{settings}{os.pathsep}/elsewhere"
    server = json.loads((settings / "jupyter_server_config.d" / "course.json").read_text())
    assert server["ServerApp"]["jpserver_extensions"]["nbgrader.server_extensions.formgrader"] is False
