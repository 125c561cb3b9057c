"""Forks inside the test: parent and child both go on, and both answer.

ours: twice=any
rest: any
"""
# %% solution twice
import os

def twice(x):
    return 2 * x if os.fork() else x
