"""A file that nobody but root may read.

ours: any
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").write_bytes(honest)
    (folder / "hostile.ipynb").chmod(0)
