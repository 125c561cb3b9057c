"""The student's name has line ends and escape sequences in it.

ours: full
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").write_bytes(honest)
    return folder.parent.rename(folder.parent.with_name("eve\n\x1b[2Jx")) / folder.name
