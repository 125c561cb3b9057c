"""A file that says it has a terabyte.

ours: quarantined
stock: not run: the container holds its files in memory, and no terabyte
"""


def lay(folder, honest):
    with open(folder / "hostile.ipynb", "wb") as file:
        file.write(honest)
        file.truncate(1 << 40)
