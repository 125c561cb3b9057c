"""The student is called --help.

ours: full
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").write_bytes(honest)
    return folder.parent.rename(folder.parent.with_name("--help")) / folder.name
