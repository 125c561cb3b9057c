"""Five thousand files beside the notebook.

ours: any
"""


def lay(folder, honest):
    for number in range(5000):
        (folder / f"{number}.ipynb").write_text("{}")
    (folder / "hostile.ipynb").write_bytes(honest)
