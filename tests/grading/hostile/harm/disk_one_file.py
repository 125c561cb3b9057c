"""One file that grows, and one full of holes that says it is larger than the disk.

ours: twice=0
"""
# %% solution twice
import os, signal

def twice(x):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("holes", "wb") as file:
        try:
            os.ftruncate(file.fileno(), 1 << 45)
        except OSError as error:
            print(error)
    with open("grows", "wb") as file:
        try:
            for _ in range(200):
                file.write(b"1" * (1 << 24))
        except OSError as error:
            print(error)
    return x
