"""Names with line ends, quotes, a leading dash, control characters and bytes that are no text.

ours: full
"""

import os


def lay(folder, honest):
    for name in (
        "-rf hostile.ipynb",
        "hostile\n.ipynb",
        "'; rm -rf ~; '.ipynb",
        "\x1b[2J.ipynb",
        "$(reboot).ipynb",
        "a" * 240 + ".ipynb",
    ):
        (folder / name).write_text("{}")
        os.utime(folder / name, (1, 1))
    with open(os.fsencode(folder) + b"/\xff\xfe.ipynb", "wb") as file:
        file.write(b"{}")
    os.utime(os.fsencode(folder) + b"/\xff\xfe.ipynb", (1, 1))
    (folder / "hostile.ipynb").write_bytes(honest)
