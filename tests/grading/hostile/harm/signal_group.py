"""Kills its process group, which may reach beyond its own processes.

ours: twice=0
rest: any
"""
# %% solution twice
import os, signal

def twice(x):
    os.kill(0, signal.SIGKILL)
    return x
