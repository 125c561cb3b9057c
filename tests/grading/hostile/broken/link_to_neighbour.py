"""The notebook is a link to another student's.

ours: quarantined
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").symlink_to("../../neighbour/hostile/hostile.ipynb")
