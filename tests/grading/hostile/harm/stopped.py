"""Stops itself: the kernel is neither dead nor does it answer.

ours: twice=0
rest: any
"""
# %% solution twice
import os, signal

def twice(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    return x
