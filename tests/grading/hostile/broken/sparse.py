"""A file that says it has a terabyte.

ours: quarantined
"""


def lay(folder, honest):
    with open(folder / "hostile.ipynb", "wb") as file:
        file.write(honest)
        file.truncate(1 << 40)
