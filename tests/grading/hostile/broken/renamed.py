"""The file is called as a browser calls a second download.

ours: full
"""


def lay(folder, honest):
    (folder / "Copy of hostile (1).ipynb").write_bytes(honest)
