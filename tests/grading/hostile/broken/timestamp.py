"""A timestamp file that is no date, and a notebook from the future.

ours: full
"""

import os


def lay(folder, honest):
    (folder / "timestamp.txt").write_text("'; DROP TABLE grade; --")
    (folder / "hostile.ipynb").write_bytes(honest)
    os.utime(folder / "hostile.ipynb", (2**33, 2**33))
