"""The working folder is emptied, renamed and left, and its sockets are links to other places.

ours: twice=0
rest: any
"""
# %% solution twice
import os, shutil

def twice(x):
    for name in os.listdir("."):
        try:
            os.rename(name, "/tmp/" + name)
        except OSError:
            pass
    for name in (".sockets", ".sockets/v", ".sockets/k-1", ".sockets/k-2"):
        try:
            os.symlink("/dev/null", name)
        except OSError:
            pass
    os.makedirs("/tmp/gone", exist_ok=True)
    os.chdir("/tmp/gone")
    shutil.rmtree("/tmp/gone")
    return x
