"""A directory called hostile.ipynb, with the notebook in it.

ours: any
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").mkdir()
    (folder / "hostile.ipynb" / "hostile.ipynb").write_bytes(honest)
