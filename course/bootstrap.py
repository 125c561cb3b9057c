"""What a released notebook opens with: the cell that finds the course, and the badge that opens the notebook in Colab."""

import re

CELL = """\
# @title Run me first: I find the course, and in Colab install it beside Colab's own PyTorch.
def set_up_course(what="REQUIREMENT"):
    import importlib.util, os, subprocess, sys, tempfile
    from importlib.metadata import PackageNotFoundError, version
    if getattr(importlib.util.find_spec("course"), "origin", None):
        return
    google = importlib.util.find_spec("google") and importlib.util.find_spec("google.colab")
    if not google and "COLAB_RELEASE_TAG" not in os.environ:
        raise ModuleNotFoundError(f"The course is not installed: run `make lab` in its folder, or `pip install '{what}'`.")
    kept = []
    for name in ("torch", "torchvision", "torchaudio", "numpy"):
        try:
            kept.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            pass  # not here: nothing to keep
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "kept.txt"), "w") as file:
            file.write("\\n".join(kept))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", file.name, what]
        if (done := subprocess.run(pip, capture_output=True, text=True)).returncode:
            print(done.stderr[-1000:])
            raise RuntimeError("The course was not installed, pip says why: check the network, then run this cell again.")
    importlib.invalidate_caches()
    print("Installed the course; kept", ", ".join(kept) or "nothing")
set_up_course()"""


def cell(url: str, extra: str = "") -> str:
    """The source of a released notebook's first cell: it installs the package from `url` in Colab, with `extra` if one is named.

    `url` is the repository's address as git clones it, with or without git+ before it.
    """
    url = url if url.startswith("git+") else f"git+{url}"
    # Only an extra needs the package's name: before version 24.1, pip refuses "name @ git+file://…".
    return CELL.replace("REQUIREMENT", f"llm-course[{extra}] @ {url}" if extra else url)


def badge(url: str, phase: str) -> str:
    """The markdown of the badge that opens a phase's released notebook in Colab; empty for a repository that is not on GitHub."""
    found = re.fullmatch(r"(?:git\+)?https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", url)
    if not found:
        return ""
    address = f"https://colab.research.google.com/github/{found[1]}/blob/main/release/{phase}/{phase}.ipynb"
    return f"[![Open {phase} in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"
