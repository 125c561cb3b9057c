"""A socket called hostile.ipynb.

ours: quarantined
"""

import os
import socket


def lay(folder, honest):
    here = os.getcwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("hostile.ipynb")
    finally:
        os.chdir(here)
