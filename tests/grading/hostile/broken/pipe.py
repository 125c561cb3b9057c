"""A FIFO called hostile.ipynb: who opens it waits.

ours: quarantined
"""

import os


def lay(folder, honest):
    os.mkfifo(folder / "hostile.ipynb")
