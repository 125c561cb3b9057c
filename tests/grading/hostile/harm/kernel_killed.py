"""Kills itself.

ours: twice=0
"""
# %% solution twice
import os

def twice(x):
    os.kill(os.getpid(), 9)
