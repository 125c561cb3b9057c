"""Recursion without a limit, until the stack ends.

ours: twice=0
"""
# %% solution twice
import sys

def twice(x):
    sys.setrecursionlimit(10**9)
    return eval("(" * 0 + "twice(x)")
