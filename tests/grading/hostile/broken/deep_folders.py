"""The notebook lies two hundred folders deep.

ours: any
"""


def lay(folder, honest):
    for _ in range(200):
        folder = folder / "d"
        folder.mkdir()
    (folder / "hostile.ipynb").write_bytes(honest)
