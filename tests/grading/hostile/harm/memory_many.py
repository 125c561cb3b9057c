"""Fills memory in forty processes of two hundred megabytes each.

ours: twice=0
rest: any
"""
# %% solution twice
import os, time

def twice(x):
    for _ in range(40):
        try:
            if os.fork() == 0:
                kept = b"1" * (200 << 20)
                time.sleep(15)
                os._exit(0)
        except OSError:
            break
    time.sleep(3)
    return x
