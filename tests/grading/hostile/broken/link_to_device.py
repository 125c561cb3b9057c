"""The notebook is a link to a device that never ends.

ours: quarantined
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").symlink_to("/dev/zero")
