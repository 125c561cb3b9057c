"""The student is called by spaces, quotes, markup and letters of all kinds.

ours: full
"""


def lay(folder, honest):
    (folder / "hostile.ipynb").write_bytes(honest)
    return folder.parent.rename(folder.parent.with_name("Ünï <b>c'ode\" 名 ; $(id)")) / folder.name
