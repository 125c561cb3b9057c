"""Beside the notebook lie settings, modules and kernels that Jupyter and Python would load.

ours: full
"""


def lay(folder, honest):
    text = "raise SystemExit(0)"
    for name in (
        "nbgrader_config.py",
        "jupyter_nbconvert_config.py",
        "sitecustomize.py",
        "torch.py",
        "course.py",
        "conftest.py",
        "pyproject.toml",
        "json.py",
    ):
        (folder / name).write_text(text)
    (folder / "course").mkdir()
    (folder / "course" / "__init__.py").write_text(text)
    (folder / "hostile.ipynb").write_bytes(honest)
