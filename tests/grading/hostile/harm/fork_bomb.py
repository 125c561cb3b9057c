"""Processes that fork without end, two thousand at most here.

ours: twice=0
rest: any
"""
# %% solution twice
import os, time

def twice(x):
    end = time.time() + 4
    while time.time() < end:
        try:
            if os.fork() == 0:
                end = time.time() + 20
        except OSError:
            time.sleep(0.05)
    return x
