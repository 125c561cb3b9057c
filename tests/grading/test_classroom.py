"""A class at once: on this machine and on a cluster, stopped and gone on with, with workers that are lost on the way."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from classes import (
    BEGUN,
    CLASS,
    DO,
    FULL,
    IDENTITY,
    LATER,
    RIGHT,
    UNGRADED,
    alive,
    command,
    copied,
    descendants,
    files,
    hand_in,
    job,
    near,
    notebook,
    page,
    released,
    sample,
    scores,
    sentence,
    started,
    waited,
)
from conftest import needs_sandbox

from course import cli, notebooks
from course.errors import CourseError
from course.grading import classroom, record, sandbox
from course.grading import command as commands

pytestmark = needs_sandbox
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

# What each worker loads: it writes down each job that it begins, and dies of some.
WORKER = """
import hashlib
import os
import signal
import sys
from pathlib import Path

from course.grading import classroom

original = getattr(classroom.grade, "original", classroom.grade)  # dask may load this twice
folder = Path({folder!r})


def listen(event, given):
    if event == "open" and str(given[0]).startswith({course!r}):
        (folder / "looked").write_text(str(given[0]))


def grade(material, data, *rest):
    (folder / f"{{hashlib.sha256(data).hexdigest()}}-{{os.urandom(4).hex()}}").write_text(str(os.getpid()))
    if b"BRING IT DOWN" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(material, data, *rest)


grade.original, classroom.grade = original, grade
sys.addaudithook(listen)
"""
KILLER = {**RIGHT, "twice": RIGHT["twice"] + "  # BRING IT DOWN"}


def slow(seconds: float) -> dict:
    """Right answers that take their time."""
    return {**RIGHT, "twice": f"import time\n\ntime.sleep({seconds})\n\n\n" + RIGHT["twice"]}


@pytest.fixture
def course(tmp_path_factory, tmp_path):
    """A released toy course."""
    return copied(tmp_path_factory, tmp_path / "course")


@pytest.fixture
def calls(monkeypatch):
    """Jobs run in this process, one at a time; each is noted here as it begins."""
    BEGUN.clear()
    monkeypatch.setitem(DO, "grade", classroom.grade)
    monkeypatch.setattr(classroom, "client", near)
    monkeypatch.setattr(classroom, "grade", job)
    return BEGUN


@pytest.fixture
def scratch():
    """A folder for temporary files, empty in the end."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        yield name


@pytest.fixture
def hook(course, tmp_path):
    """A folder in which workers write down what they do, and the module that makes them."""
    folder = tmp_path / "noted"
    folder.mkdir()
    path = tmp_path / "worker_hook.py"
    path.write_text(WORKER.format(folder=str(folder), course=str(course)))
    return folder, path


def begun(folder: Path, data: bytes) -> list[int]:
    """The processes that began to grade this submission."""
    import hashlib

    return [int(text) for path in folder.glob(f"{hashlib.sha256(data).hexdigest()}-*") if (text := path.read_text())]


def run(course, **options) -> dict[str, classroom.Row]:
    """Grade what was handed in; each student's row."""
    return {row.student: row for row in classroom.run(record.course(course), "toy", **options)}


def written(course) -> dict[str, bytes]:
    """All that grading writes, the gradebook apart."""
    return {name: data for part in ("autograded", "feedback", ".grading/results") for name, data in files(course / part).items()}


def cli_sentence(*words, cwd, monkeypatch) -> str:
    """What `course` says that fails as it should."""
    monkeypatch.chdir(cwd)
    with pytest.raises(CourseError) as caught:
        cli.app(list(words), standalone_mode=False)
    message = str(caught.value)
    assert "\n" not in message and message.endswith("."), message
    return message


@pytest.mark.slow
def test_a_class_on_this_machine(course, scratch):
    """The whole way through the command: scores, pages, notebooks, what is quarantined; then nothing is run again."""
    sample(course)
    done = command("course.cli", "grade", "toy", "--workers", "2", cwd=course, TMPDIR=scratch)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert scores(course) == CLASS and not os.listdir(scratch)
    for name, given in CLASS.items():
        if given == UNGRADED:
            assert re.search(rf"{name} .* not graded .* quarantined: ", done.stdout), done.stdout
            assert not (course / "autograded" / name).exists()
        else:
            assert re.search(rf"{name} .* {sum(given.values()):g} of 100 ", done.stdout), done.stdout
            assert (course / "autograded" / name / "toy" / "toy.ipynb").is_file()
    for name, failed in (("ann", 0), ("ben", 1)):
        cells = notebooks.read(course / "autograded" / name / "toy" / "toy.ipynb").cells
        assert sum(one.get("ename") == "CheckFailed" for cell in cells for one in cell.get("outputs", [])) == failed
    assert "could not be graded" in page(course, "dora") and "not JSON" in page(course, "dora")
    assert "There is no notebook for toy" in page(course, "fay") and "There is no notebook" in page(course, "hal")
    assert "'My Toy (2).ipynb' was graded as toy.ipynb." in page(course, "emil")
    assert "Is every entry doubled?" in page(course, "ben") and "was stopped" in page(course, "gus")
    assert f"feedback: {course}/feedback/<student>/toy/toy.html" in done.stdout
    before = written(course)

    again = command("course.cli", "grade", "toy", "--workers", "2", cwd=course / "source", TMPDIR=scratch)
    assert again.returncode == 0 and again.stdout.count("unchanged") == 6, again.stdout
    assert scores(course) == CLASS and written(course) == before


def test_what_has_not_changed_is_not_run_again(course, calls):
    sample(course)
    assert not any(row.kept for row in run(course).values()) and len(calls) == 6
    before, points = written(course), scores(course)
    assert points == CLASS
    calls.clear()
    again = run(course)
    assert not calls and {name for name, row in again.items() if row.kept} == set(CLASS) - {"fay", "hal"}
    assert written(course) == before and scores(course) == points
    assert {name: row.result.seconds for name, row in again.items()} == {
        name: json.loads((course / ".grading" / "results" / "toy" / f"{name}.json").read_text())["seconds"] for name in CLASS
    }

    # What was deleted is written again from what was kept; a changed submission alone is run.
    shutil.rmtree(course / "feedback")
    shutil.rmtree(course / "autograded")
    hand_in(course, "ben", RIGHT)
    assert [name for name, row in run(course).items() if not row.kept] == ["fay", "hal", "ben"]
    assert calls == [notebook(course, RIGHT)] and scores(course) == points | {"ben": FULL}
    assert {name: data for name, data in written(course).items() if "ben" not in name} == {
        name: data for name, data in before.items() if "ben" not in name
    }

    calls.clear()
    run(course, force=True, student="ann")
    assert calls == [notebook(course, RIGHT)]
    now = written(course)
    differ = {name for name in now if now[name] != before.get(name)} - {name for name in now if "ben" in name}
    assert differ <= {"toy/ann.json"}, "graded again, all but the time that it took is the same"


def test_a_result_that_was_cut_short_or_is_of_another_version_is_made_again(course, calls):
    hand_in(course, "ann", RIGHT)
    run(course)
    path = course / ".grading" / "results" / "toy" / "ann.json"
    whole = path.read_text()
    for text in (whole[:200], "", "[]", '"x"', '{"exercises": 3}', whole.replace('"format": 1', '"format": 1, "more": 2')):
        path.write_text(text)
        calls.clear()
        run(course)
        assert len(calls) == 1 and scores(course) == {"ann": FULL}, text[:40]


def test_a_changed_source_makes_a_new_key_and_grades_again(course, calls):
    hand_in(course, "ben", IDENTITY)
    assert run(course)["ben"].result.scores() == LATER
    text = course / "source" / "toy" / "toy.nb.py"
    changed = text.read_text("utf-8").replace("2 * x", "1 * x").replace("2 * check.normal", "1 * check.normal")
    text.write_text(changed.replace("4 * (z**2)", "1 * (z**2)"), "utf-8")
    assert run(course)["ben"].result.scores() == FULL and len(calls) == 2 and scores(course) == {"ben": FULL}
    assert run(course)["ben"].kept


def test_one_student_alone(course, calls):
    hand_in(course, "ann", RIGHT)
    hand_in(course, "ben", IDENTITY)
    assert list(run(course, student="ben")) == ["ben"] and scores(course) == {"ben": LATER}
    assert len(calls) == 1


def test_a_folder_whose_name_is_no_students_does_not_stop_the_class(course, calls):
    hand_in(course, "ann", RIGHT)
    for name in ("back\\slash", " space", "line\nbreak", "x" * 200, os.fsdecode(b"\xff")):
        hand_in(course, name, RIGHT)
    rows = run(course)
    assert scores(course) == {"ann": FULL} and len(rows) == 6
    assert all("rename it" in row.result.quarantined and row.page is None for name, row in rows.items() if name != "ann")
    commands.show(list(rows.values()), "Graded")


def test_a_grader_that_fails_on_one_submission_grades_the_others(course, calls, monkeypatch):
    hand_in(course, "ann", RIGHT)
    hand_in(course, "ben", IDENTITY)
    hand_in(course, "cleo", IDENTITY | {"mean-square": "x = 1"})
    original, inside = DO["grade"], classroom.grader

    def grade(material, data, *rest):
        return 1 / 0 if data == notebook(course, IDENTITY) else original(material, data, *rest)

    class Failing:
        def grade(self, material, data):
            return self.grade(material, data) if b"x = 1" in data else inside(classroom.Limits()).grade(material, data)

    monkeypatch.setitem(DO, "grade", grade)
    monkeypatch.setattr(classroom, "grader", lambda *_: Failing())
    rows = run(course)
    assert rows["ben"].result.lost and rows["cleo"].result.lost and rows["ann"].result.score == 100
    assert "The grader itself failed on it (ZeroDivisionError" in page(course, "ben")
    assert "The grader itself failed on it (RecursionError" in page(course, "cleo")
    monkeypatch.setitem(DO, "grade", original)
    monkeypatch.setattr(classroom, "grader", inside)
    hand_in(course, "cleo", IDENTITY)
    rows = run(course)
    assert rows["ann"].kept and not rows["ben"].kept and scores(course) == {"ann": FULL, "ben": LATER, "cleo": LATER}


def test_what_no_worker_can_do_stops_all_with_its_sentence(course, calls, monkeypatch):
    hand_in(course, "ann", RIGHT)

    def grade(*_):
        raise CourseError("This machine allows no user namespaces.")

    monkeypatch.setitem(DO, "grade", grade)
    with pytest.raises(CourseError, match="no user namespaces"):
        run(course)
    assert not (course / "feedback").exists()


def test_a_disk_that_is_full_is_not_taken_for_a_missing_scheduler(course, calls, monkeypatch):
    hand_in(course, "ann", RIGHT)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record, "keep", full)
    with pytest.raises(OSError, match="No space left"):
        run(course)


@pytest.mark.slow
def test_control_c_ends_in_order_and_the_next_run_goes_on(course, scratch):
    """As from a terminal: every process of the group hears it."""
    hand_in(course, "ann", RIGHT)
    hand_in(course, "ben", slow(6))
    hand_in(course, "cleo", IDENTITY)
    process = started("course.cli", "grade", "--workers", "1", cwd=course, env={"TMPDIR": scratch})
    kept = course / ".grading" / "results" / "toy"
    waited(lambda: (kept / "ann.json").exists(), 120)
    waited(lambda: any(name.startswith("k-") for _, folders, _ in os.walk(scratch) for name in folders))
    below = descendants(process.pid)
    assert len(below) > 3, "workers, a kernels' server and kernels"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    said = "course: Stopped: 1 are graded and recorded. Run the same command again, and it goes on from there.\n"
    assert err == said, err
    assert "100 of 100" in out and "ben" not in out and scores(course) == {"ann": FULL}
    assert waited(lambda: not any(map(alive, below)), 5) and not os.listdir(scratch)
    assert [path.name for path in kept.iterdir()] == ["ann.json"]

    hand_in(course, "ben", RIGHT)
    before = (kept / "ann.json").read_bytes()
    done = command("course.cli", "grade", "--workers", "1", cwd=course, TMPDIR=scratch)
    assert done.returncode == 0 and done.stdout.count("unchanged") == 1, done.stdout + done.stderr
    assert scores(course) == {"ann": FULL, "ben": FULL, "cleo": LATER} and (kept / "ann.json").read_bytes() == before


@pytest.mark.slow
def test_a_submission_that_brings_workers_down_twice_is_quarantined(course, hook, scratch):
    """On this machine: its worker is started again, and what shared its fate is graded."""
    folder, module = hook
    for name in ("ann", "ben", "cleo"):
        hand_in(course, name, RIGHT if name == "ann" else IDENTITY)
    hand_in(course, "bob", KILLER)
    preload = {"DASK_DISTRIBUTED__WORKER__PRELOAD": json.dumps([str(module)]), "TMPDIR": scratch}
    done = command("course.cli", "grade", "--workers", "2", cwd=course, **preload)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert scores(course) == {"ann": FULL, "ben": LATER, "bob": UNGRADED, "cleo": LATER}
    assert len(begun(folder, notebook(course, KILLER))) == 2 and not os.listdir(scratch)
    assert "brought down the workers that graded it, twice" in page(course, "bob")


class Cluster:
    """A scheduler and workers, each a process of its own, in a folder that has nothing to do with the course's."""

    def __init__(self, folder: Path, hook: Path):
        self.folder, self.hook, self.processes = folder, hook, []
        self.file = folder / "scheduler.json"
        folder.mkdir()

    def start(self, program: str, *words: str) -> subprocess.Popen:
        with (self.folder / "log").open("a") as log:
            words = f"distributed.cli.{program}", "--scheduler-file", str(self.file), "--no-dashboard", *words
            self.processes.append(started(*words, cwd=self.folder, stdout=log, stderr=log))
        return self.processes[-1]

    def scheduler(self) -> str:
        """Start it; its address."""
        self.start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-show")
        return json.loads(waited(lambda: self.file.exists() and self.file.read_text()))["address"]

    def worker(self, *words: str) -> subprocess.Popen:
        return self.start(
            "dask_worker", "--nthreads", "1", "--local-directory", str(self.folder), "--preload", str(self.hook), *words
        )

    def stop(self) -> None:
        for process in self.processes[::-1]:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(hook, tmp_path):
    """A cluster, with nothing started yet."""
    found = Cluster(tmp_path / "elsewhere", hook[1])
    yield found
    found.stop()


@pytest.mark.slow
def test_a_cluster_whose_workers_share_no_disk_and_one_of_which_is_killed(course, hook, cluster):
    folder, _ = hook
    hand_in(course, "ann", RIGHT)
    hand_in(course, "ben", IDENTITY)
    hand_in(course, "bob", KILLER)
    late = hand_in(course, "zoe", slow(3)) / "toy.ipynb"
    address = cluster.scheduler()
    cluster.worker()
    cluster.worker()
    waited(lambda: _workers(address) == 2)
    process = started("course.cli", "grade", "--scheduler", address, cwd=course)
    [victim] = waited(lambda: begun(folder, late.read_bytes()), 120)
    os.kill(victim, signal.SIGKILL)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0 and err == "", err
    assert scores(course) == {"ann": FULL, "ben": LATER, "bob": UNGRADED, "zoe": FULL}, out
    by = begun(folder, late.read_bytes())
    assert len(by) == 2 and len(set(by)) == 2, "what was lost is graded by another"
    assert len(begun(folder, notebook(course, KILLER))) == 2, "two workers are lost to it, and no third"
    assert "brought down the workers that graded it, twice" in page(course, "bob")
    assert not (folder / "looked").exists(), "a worker needs nothing of the course's folder"


def _workers(address: str) -> int:
    """How many workers a scheduler has."""
    from distributed import Client

    with Client(address, set_as_default=False) as one:
        return len(one.nthreads())


@pytest.mark.slow
def test_a_cluster_that_is_lost_on_the_way_is_one_sentence_and_nothing_is_lost(course, hook, cluster, monkeypatch):
    hand_in(course, "ann", RIGHT)
    hand_in(course, "zoe", slow(20))
    address = cluster.scheduler()
    message = cli_sentence("grade", "--scheduler", address, cwd=course, monkeypatch=monkeypatch)
    assert f"The scheduler at {address} has no workers: start some with `dask worker {address}`." == message
    with monkeypatch.context() as patch:
        patch.setattr(classroom, "client", near)
        run(course, student="ann")
    monkeypatch.setattr(classroom, "POLL_S", 0.2)
    monkeypatch.setattr(classroom, "PATIENCE_S", 1)
    for lost, said in (("worker", "no workers any more: start some"), ("scheduler", "connection to the scheduler was lost")):
        worker = cluster.worker("--no-nanny")
        waited(lambda: _workers(address) == 1)
        for path in hook[0].iterdir():
            path.unlink()
        rows = classroom.run(record.course(course), "toy", scheduler=address)
        assert next(rows).kept
        _when(lambda: any(hook[0].iterdir()), (worker if lost == "worker" else cluster.processes[0]).kill)
        with pytest.raises(CourseError, match=f"{said}.* what was graded is recorded, and .* goes on from there"):
            next(rows)
        assert scores(course) == {"ann": FULL} and not (course / "feedback" / "zoe").exists()


def _when(holds, do) -> None:
    """Do something as soon as something holds, in a thread."""
    import threading

    def wait():
        waited(holds, 60)
        time.sleep(0.5)
        do()

    threading.Thread(target=wait, daemon=True).start()


def test_addresses_at_which_there_is_no_scheduler_are_one_sentence(course, monkeypatch):
    hand_in(course, "ann", RIGHT)
    monkeypatch.setattr(classroom, "CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for address in (
            "tcp://127.0.0.1:1",
            f"tcp://127.0.0.1:{port}",
            "nonsense://x",
            "tcp://no.such.host.invalid:1",
            "x",
        ):
            message = cli_sentence("grade", "--scheduler", address, cwd=course, monkeypatch=monkeypatch)
            assert message.startswith(f"There is no scheduler at {address} (") and "`dask scheduler`" in message, message
    assert not (course / "feedback").exists()


@pytest.mark.slow
def test_workers_are_as_many_as_asked_for_and_leave_nothing(scratch, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", scratch)
    before = signal.getsignal(signal.SIGINT)  # whoever runs the tests in the background may have had it ignored
    with classroom.client(3) as found:
        assert len(found.nthreads()) == 3 and set(found.nthreads().values()) == {1}
        assert all(path.startswith(scratch) for path in found.run(tempfile.gettempdir).values())
        assert set(found.run(lambda: signal.getsignal(signal.SIGINT)).values()) == {signal.SIG_IGN}
    assert not os.listdir(scratch)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def postgres(scratch):
    """The address of a PostgreSQL of this test's own, and how to stop it."""
    if not POSTGRES or not shutil.which("setpriv") and os.getuid() == 0:
        pytest.skip("no PostgreSQL here")
    home, data = Path(scratch), Path(scratch) / "data"
    home.chmod(0o755)
    data.mkdir(0o700)
    to_user = []
    if os.getuid() == 0:
        import pwd

        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
        to_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    def server(program, *words):
        done = subprocess.run([*to_user, POSTGRES[-1] / program, *words], cwd="/", capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server("initdb", "-D", data, "-A", "trust", "-U", "grader", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    server("pg_ctl", "-D", data, "-l", data / "log", "-w", "-o", options, "start")
    stopped = []

    def stop():
        if not stopped:
            stopped.append(True)
            server("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")

    try:
        yield f"postgresql+psycopg://grader@127.0.0.1:{port}/postgres", stop
    finally:
        stop()
        shutil.rmtree(data)


@pytest.mark.slow
def test_a_gradebook_in_postgresql(tmp_path, postgres, calls, monkeypatch):
    url, stop = postgres
    course = sample(released(tmp_path / "course", f"c.CourseDirectory.db_url = {url!r}\n"))
    assert not (course / "gradebook.db").exists()
    run(course)
    assert scores(course, url) == CLASS
    calls.clear()
    assert run(course)["ann"].kept and not calls
    done = command("nbgrader", "generate_feedback", "toy", cwd=course)
    assert done.returncode == 0, done.stderr
    assert commands.report(course, ["toy"])

    # It is lost while a class is graded: one sentence, and what was recorded stays.
    hand_in(course, "ben", RIGHT)
    hand_in(course, "zoe", RIGHT)
    before = written(course)
    original = DO["grade"]

    def grade(*given):
        stop()
        return original(*given)

    monkeypatch.setitem(DO, "grade", grade)
    with pytest.raises(CourseError, match="gradebook cannot be used") as caught:
        run(course)
    assert "\n" not in str(caught.value) and written(course) == before
    with pytest.raises(CourseError, match="gradebook cannot be used .*refused.*: check c.CourseDirectory.db_url"):
        run(course)
    assert written(course) == before


def test_a_notebook_alone_by_its_name_and_by_its_cells(course, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(course)
    monkeypatch.setattr(commands.webbrowser, "open", lambda *_: pytest.fail("nothing is to be opened"))
    for name, texts in (("my toy (1).ipynb", {}), ("homework.ipynb", IDENTITY), ("toyota.ipynb", IDENTITY)):
        path = tmp_path / name
        path.write_bytes(notebook(course, texts))
        cli.app(["grade", str(path), "--no-open"], standalone_mode=False)
        said = capsys.readouterr().out
        assert f"{name} (toy): {40 if texts else 0} of 100 points; " in said
        assert ("✓ mean-square: 40 of 40" if texts else "○ mean-square: 0 of 40") in said
        page = path.with_name(f"{path.stem}-feedback.html")
        assert f"feedback: {page}" in said and "Feedback for" in page.read_text("utf-8")
    assert not (course / "feedback").exists()
    monkeypatch.setattr(commands.webbrowser, "open", lambda address: print(f"opened {address}"))
    monkeypatch.setattr(classroom, "one_file", lambda *_: (classroom.Result("toy"), "toy"))
    cli.app(["grade", str(path)], standalone_mode=False)
    assert f"opened {page.as_uri()}" in capsys.readouterr().out


def test_a_notebook_alone_that_cannot_be_graded_is_one_sentence(course, tmp_path, monkeypatch):
    def said(path):
        return cli_sentence("grade", str(path), cwd=course, monkeypatch=monkeypatch)

    broken, foreign, huge = tmp_path / "toy-1.ipynb", tmp_path / "other.ipynb", tmp_path / "huge.ipynb"
    broken.write_bytes(notebook(course, RIGHT)[:1000])
    foreign.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with huge.open("wb") as stream:
        stream.truncate(10**9)
    assert "toy-1.ipynb could not be graded: The file is not a notebook, or only a part of one" in said(broken)
    assert "other.ipynb holds no exercise of this course: give it a phase's name (toy)." in said(foreign)
    assert "huge.ipynb could not be graded: The file is larger than 20 MB" in said(huge)
    assert "none.ipynb cannot be read (No such file or directory): check the name." in said(tmp_path / "none.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    assert "folder.ipynb cannot be read (Is a directory)" in said(tmp_path / "folder.ipynb")
    link = tmp_path / "link.ipynb"
    link.symlink_to(broken)
    assert "cannot be read" in said(link)
    message = cli_sentence("grade", str(broken), str(foreign), cwd=course, monkeypatch=monkeypatch)
    assert "Name one notebook, or phases" in message
    assert list(tmp_path.glob("*feedback*")) == []
    assert "No course was found" in cli_sentence("grade", str(broken), cwd=tmp_path, monkeypatch=monkeypatch)


def test_what_the_reader_can_put_right_is_one_sentence_and_exit_code_1(course, monkeypatch):
    def said(*words, cwd=course):
        return cli_sentence(*words, cwd=cwd, monkeypatch=monkeypatch)

    assert "no phase called 'nope': choose from toy" in said("grade", "nope")
    assert "no phase called 'nope': choose from toy" in said("report", "nope")
    assert "Nobody has handed in anything: put notebooks into" in said("grade")
    assert "Nobody has handed in toy: put notebooks into" in said("grade", "toy")
    assert "Nothing has been graded yet: run `course grade` first." in said("report")
    assert "Nothing of 'toy' is graded yet: run `course grade toy` first." in said("report", "toy")
    hand_in(course, "ann", RIGHT)
    assert said("grade", "toy", "--student", "zoe").startswith("zoe has not handed in toy: put notebooks into ")
    assert "No course was found" in said("grade", cwd="/")
    (course / "gradebook.db").unlink()
    assert "The gradebook does not know toy yet: run `course release toy` first." in said("grade", "toy")
    monkeypatch.setattr(sandbox, "missing", lambda: "There is no sandbox here.")
    assert "There is no sandbox here." in said("grade", "toy")
    done = command("course.cli", "grade", "toy", "--student", "zoe", cwd=course)
    assert done.stdout == "" and sentence(done).startswith("zoe has not handed in toy: ")


def test_no_sandbox_is_said_in_words_that_nobody_takes_for_safe(course, monkeypatch, capsys):
    hand_in(course, "ann", RIGHT)
    seen = []
    monkeypatch.setattr(sandbox, "missing", lambda: pytest.fail("no sandbox is asked for"))
    monkeypatch.setattr(classroom, "run", lambda *_, **options: seen.append(options["sandbox"]) or iter([]))
    monkeypatch.setattr(classroom, "one_file", lambda path, root, box: (seen.append(box) or classroom.Result("toy"), "toy"))
    monkeypatch.chdir(course)
    file = course / "submitted" / "ann" / "toy" / "toy.ipynb"
    for words in (["toy"], [str(file), "--no-open"]):
        cli.app(["grade", *words, "--no-sandbox"], standalone_mode=False)
        warning = re.sub(r"\s+", " ", capsys.readouterr().err)
        assert warning.startswith("NO SANDBOX: what students wrote runs as you")
        for danger in ("read, change and delete your files", "the gradebook", "over the network", "give itself any score"):
            assert danger in warning
        assert not re.search(r"\b(safe|secure|protected|trusted)\b", warning, re.IGNORECASE)
    assert seen == [False, False]
    monkeypatch.setattr(sandbox, "missing", lambda: None)
    cli.app(["grade", "toy"], standalone_mode=False)
    assert seen[-1] is True and capsys.readouterr().err == ""


def test_a_cluster_needs_no_sandbox_where_the_command_is_given(course, monkeypatch):
    hand_in(course, "ann", RIGHT)
    monkeypatch.setattr(sandbox, "missing", lambda: "The sandbox needs Linux: grade there.")
    monkeypatch.setattr(classroom, "CONNECT_S", 0.2)
    assert "no scheduler at" in cli_sentence("grade", "--scheduler", "tcp://127.0.0.1:1", cwd=course, monkeypatch=monkeypatch)


@pytest.mark.slow
def test_the_report_of_a_class(course, calls):
    sample(course)
    run(course)
    done = command("course.cli", "report", cwd=course)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    made = [Path(line) for line in done.stdout.splitlines()]
    assert {path.suffix for path in made} >= {".html", ".csv"} and all(path.is_relative_to(course / "reports") for path in made)
    table = next(path for path in made if path.suffix == ".csv").read_text("utf-8-sig")
    assert all(name in table for name in CLASS)
