"""JupyterLab on the student's own copies of the released notebooks: release/ itself is never opened."""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

from course.errors import CourseError

RECORD = ".copied.json"
# For instructors: a student's server does without these. Validate, and the menu that holds it, stay.
SERVER_PARTS = ("assignment_list", "course_list", "formgrader")
# Long lines wrap, and nothing asks the network for news.
LOOKS = {
    "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineWrap": True}},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
MENU_PARTS = ("assignment-list", "course-list", "create-assignment", "formgrader")


def copy_missing(root: Path) -> list[str]:
    """Copy what release/ holds to work/ where it is missing there, and say in one line each what was copied or is newer now.

    A file in work/ is never overwritten. CourseError where nothing is released.
    """
    work, said = root / "work", []
    released = sorted(path for path in (root / "release").glob("*/*.ipynb") if path.stem == path.parent.name)
    if not released:
        raise CourseError("There is no released notebook to open: run `course release` first.")
    work.mkdir(exist_ok=True)
    record = work / RECORD
    try:
        origins = dict(json.loads(record.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        origins = {}  # the first time, or somebody's edit: what is newer cannot be told then
    for notebook in released:
        for path in sorted(path for path in notebook.parent.rglob("*") if path.is_file()):
            name = path.relative_to(root / "release").as_posix()
            origin = hashlib.sha256(path.read_bytes()).hexdigest()
            if not (work / name).exists():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, work / name)
                origins[name] = origin
                said.append(f"work/{name} is your copy to work in.")
            elif origins.setdefault(name, origin) != origin:
                said.append(f"release/{name} has changed since work/{name} was copied: rename yours to get the new one too.")
    record.write_text(json.dumps(origins, indent=1, sort_keys=True) + "\n", "utf-8")
    return said


def settings(folder: Path) -> Path:
    """Write the Jupyter settings of a student's server to `folder`, and return it."""
    off = {f"nbgrader.server_extensions.{part}": False for part in SERVER_PARTS}
    hidden = {f"@jupyter/nbgrader:{part}": True for part in MENU_PARTS}
    for name, value in (
        ("jupyter_server_config.d/course.json", {"ServerApp": {"jpserver_extensions": off}}),
        ("labconfig/page_config.json", {"disabledExtensions": hidden}),
        ("labconfig/default_setting_overrides.json", LOOKS),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=1) + "\n", "utf-8")
    return folder


def start(root: Path, arguments: list[str]) -> None:
    """Replace this process by JupyterLab on work/, with further arguments for it; it prints its address.

    It runs inside the course's folder, where the Validate button looks for nbgrader_config.py.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError("JupyterLab is not installed: run `make lab`, or `pip install -e '.[grading]'`.")
    folders = [str(settings(root / "work" / ".jupyter")), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, folders))
    os.chdir(root)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root / 'work'}", *arguments]
    sys.stdout.flush()
    os.execv(command[0], command)
