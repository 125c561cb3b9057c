"""What stock nbgrader makes of the corpus: `python tests/grading/hostile/stock.py [NAME…]` writes stock.json.

Each submission is graded by `nbgrader autograde` with nbgrader's own settings, in a container of its own: bubblewrap without a
network, a read-only system, file systems in memory, an ordinary user, limits on memory, processes and time. Needs root (for the
container's user and cgroups) and bubblewrap. A second student's notebook, with one exercise not done, is graded after it where
that tells something.
"""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RECORD = HERE / "stock.json"
USER, TIME_S, MEMORY, PROCESSES, FILE = 34567, 100, 5 << 30, 400, 200 << 20
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.CourseDirectory.root = '/class/course'\n"
STUDENT, NEXT = "a-hostile", "neighbour"


def inside(names: list[str]) -> None:
    """In the container: grade, then say on the last line of standard output what came of it."""
    shutil.copytree("/seed", "/class/course", symlinks=True, dirs_exist_ok=True, copy_function=_copy)
    home = Path(os.environ["HOME"])
    shutil.copytree("/seed/home", home, dirs_exist_ok=True)
    command = [sys.executable, "-m", "nbgrader", "autograde", "hostile", *(["--student", STUDENT] if "alone" in names else [])]
    start = time.monotonic()
    done = subprocess.run(command, cwd="/class/course", stdin=subprocess.DEVNULL, capture_output=True)
    said = {"seconds": round(time.monotonic() - start), "code": done.returncode, "scores": {}}
    try:
        said |= _gradebook()
    except Exception as error:
        said["gradebook"] = f"{type(error).__name__}: {error}"[:200]
    outputs = b""
    for place in Path("/class/course/autograded").glob("*/hostile/*.ipynb"):
        if place.parts[4] != NEXT:
            said["size"] = place.stat().st_size
            for cell in json.loads(place.read_bytes())["cells"]:
                outputs += json.dumps(cell.get("outputs", []), ensure_ascii=False).encode()
    said["outputs"] = outputs.decode(errors="replace")[:3_000_000]
    sys.stdout.write("\n\x1e" + json.dumps(said) + "\n")


def _copy(source, target):
    """A pipe or a socket is made anew, for who reads it would wait."""
    import stat

    mode = os.lstat(source).st_mode
    if stat.S_ISFIFO(mode):
        os.mkfifo(target)
    elif stat.S_ISREG(mode):
        if os.access(source, os.R_OK):
            shutil.copyfile(source, target)
        else:
            Path(target).touch()
        shutil.copystat(source, target)


def _gradebook() -> dict:
    """The scores as the instructor would see them."""
    from nbgrader.api import Gradebook

    found = {"scores": {}, "max": {}, "cells": {}}
    with Gradebook("sqlite:////class/course/gradebook.db") as book:
        for one in book.assignment_submissions("hostile"):
            found["scores"][one.student.id] = repr(one.score)
            found["max"][one.student.id] = repr(one.max_score)
            if one.student.id != NEXT:
                for notebook in one.notebooks:
                    found["cells"] = {grade.cell.name: repr(grade.score) for grade in notebook.grades}
    return found


def base(folder: Path) -> None:
    """A course with the corpus's notebook released, and things that no submission should see."""
    import corpus
    from course import notebooks

    place = folder / "source" / "hostile" / "hostile.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(notebooks.to_bytes(corpus.source()))
    (folder / "nbgrader_config.py").write_text(CONFIG.replace("/class/course", str(folder)))
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "hostile", "--create"]
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"  # nbgrader starts alembic by its bare name
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "PATH": path})
    (folder / "nbgrader_config.py").write_text(CONFIG)
    with sqlite3.connect(folder / "gradebook.db") as book:
        book.execute("INSERT INTO student (id) VALUES (?)", (corpus.SECRETS["the gradebook"],))
    nb = corpus.written('"""The next student, who has not done one exercise."""\n# %% solution stamp\n"I did not get to this."\n')
    nb.cells[0].source += "\n\n" + corpus.SECRETS["another student's notebook"]
    handed = folder / "submitted" / NEXT / "hostile" / "hostile.ipynb"
    handed.parent.mkdir(parents=True)
    handed.write_bytes(corpus.to_bytes(nb))
    key = folder / "home" / ".ssh" / "id_rsa"
    key.parent.mkdir(parents=True)
    key.write_text(corpus.SECRETS["the grader's home"])


def _bound(process: int, groups: list[Path]) -> None:
    for group in groups:
        (group / "cgroup.procs").write_text(str(process))


def _groups() -> list[Path]:
    """cgroups (version 1) for memory and processes, where they can be had."""
    made = []
    for kind, limits in (("memory", {"memory.limit_in_bytes": MEMORY}), ("pids", {"pids.max": PROCESSES})):
        group = Path("/sys/fs/cgroup") / kind / f"hostile-{os.getpid()}"
        group.mkdir()
        for name, value in limits.items():
            (group / name).write_text(str(value))
        made.append(group)
    return made


def container(seed: Path, words: list[str], secret: str) -> list[str]:
    """The command that runs this file in the container."""
    command = ["bwrap", "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    for place in ("/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64"):
        if os.path.islink(place):
            command += ["--symlink", os.readlink(place), place]
        elif os.path.exists(place):
            command += ["--ro-bind", place, place]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/class", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(2 << 30), "--tmpfs", place]
    for place in dict.fromkeys([sys.prefix, sys.base_prefix, str(ROOT / "course"), str(HERE)]):
        for parent in reversed(Path(place).parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", place, place]
    command += ["--ro-bind", str(seed), "/seed", "--chdir", "/class", "--clearenv"]
    home = {"HOME": "/tmp/home", "PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "COURSE_TOKEN": secret}
    for name, value in home.items():
        command += ["--setenv", name, value]
    command += ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
    command += ["prlimit", f"--nproc={PROCESSES}", f"--fsize={FILE}", "--core=0", "--"]
    return [*command, sys.executable, str(Path(__file__).resolve()), "--inside", *words]


def grade(one, seed: Path, groups: list[Path], alone: bool) -> dict:
    """One submission through stock nbgrader, alone or with the next student's; `said` is the outcome in a few words."""
    import corpus

    folder = seed / "submitted" / STUDENT / "hostile"
    folder.mkdir(parents=True)
    one.lay(folder)
    subprocess.run(["chown", "-hR", f"{USER}:{USER}", str(seed)], check=True)
    command = container(seed, ["alone"] if alone else [], corpus.SECRETS["the grader's environment"])
    ready, go = os.pipe()
    held = ["sh", "-c", f'read _ <&{ready}; exec "$@"', "sh", *command]
    process = subprocess.Popen(
        held, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[ready], start_new_session=True
    )
    _bound(process.pid, groups)
    os.close(ready)
    os.write(go, b"\n")
    os.close(go)
    try:
        out = process.communicate(timeout=TIME_S)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return {"said": f"hung: not done after {TIME_S} s"}
    text = out.decode(errors="replace").rpartition("\x1e")[2]
    try:
        return verdict(json.loads(text), alone)
    except ValueError:
        return {"said": "the grader itself was ended", "log": out.decode(errors="replace").replace(str(ROOT), "<course>")[-300:]}


def verdict(said: dict, alone: bool) -> dict:
    """A submission's outcome in words, from what the container said."""
    import corpus

    full = sum(exercise.points for exercise in corpus.exercises())
    scores, words = said["scores"], []
    own = next((score for name, score in scores.items() if name != NEXT), None)
    done = said["code"] == 0
    if "gradebook" in said:
        words.append(f"gradebook unreadable ({said['gradebook']})")
    words.append(f"{float(own):g} of {full:g}" if own is not None and (done or float(own)) else "not graded")
    if own is not None and float(own) > full:
        words[-1] += ", gradebook rewritten"
    if not done and words[-1] != "not graded":
        words.append("and then an error")
    seen = [what for what, secret in corpus.SECRETS.items() if secret in said["outputs"]]
    if seen:
        words.append("shows " + ", ".join(seen))
    if said.get("size", 0) > 5_000_000:
        words.append(f"{said['size'] / 1e6:.0f} MB kept")
    if "<script" in said["outputs"]:
        words.append("scripts kept")
    if not alone:
        after = scores.get(NEXT)
        if after is None:
            words.append("the next student is not graded")
        elif float(after) != full - 4:
            words.append(f"the next student gets {float(after):g}")
    kept = {"said": "; ".join(words), "cells": said.get("cells", {}), "seconds": said["seconds"]}
    if not done:
        kept["log"] = " ".join(said["log"].replace(str(ROOT), "<course>").split())[-300:]
    return kept


def main(names: list[str]) -> None:
    import nbgrader

    sys.path[:0] = [str(HERE), str(ROOT)]
    import corpus

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known = json.loads(RECORD.read_text()) if RECORD.is_file() else {}
    results = known.get("results", {})
    groups = _groups()
    try:
        with tempfile.TemporaryDirectory(prefix="stock-") as scratch:
            base(Path(scratch) / "base")
            for one in corpus.submissions():
                if (names and not any(one.name.startswith(name) for name in names)) or (not names and one.name in results):
                    continue
                if one.stock:
                    results[one.name] = {"said": one.stock}
                else:
                    for alone in (True, False) if one.kind in ("forging", "reading") else (False,):
                        seed = Path(scratch) / "seed"
                        shutil.copytree(Path(scratch) / "base", seed)
                        results[one.name] = grade(one, seed, groups, alone)
                        shutil.rmtree(seed)
                        if results[one.name]["said"] != "not graded":
                            break
                print(f"{one.name}: {results[one.name]['said']}", flush=True)
                found = {"nbgrader": nbgrader.__version__, "results": dict(sorted(results.items()))}
                RECORD.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    finally:
        for group in groups:
            group.rmdir()


if __name__ == "__main__":
    inside(sys.argv[2:]) if sys.argv[1:2] == ["--inside"] else main(sys.argv[1:])
