"""The student is called by three dots and a space.

ours: full
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").write_bytes(honest)
    return folder.parent.rename(folder.parent.with_name("... ")) / folder.name
