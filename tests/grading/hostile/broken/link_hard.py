"""The notebook is a second name of a file elsewhere, beside a link that leads out and back.

ours: full
"""

import os


def lay(folder, honest):
    (folder / "elsewhere").write_bytes(honest)
    os.link(folder / "elsewhere", folder / "hostile.ipynb")
    (folder / "loop").symlink_to(folder)
