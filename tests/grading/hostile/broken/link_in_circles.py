"""A link to itself.

ours: quarantined
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").symlink_to("hostile.ipynb")
