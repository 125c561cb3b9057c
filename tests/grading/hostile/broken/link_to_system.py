"""The notebook is a link to /etc/passwd.

ours: quarantined
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").symlink_to("/etc/passwd")
