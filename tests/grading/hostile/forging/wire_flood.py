"""Sends a hundred thousand messages, and some of sixty megabytes each.

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
        big = torch.zeros(60 << 17, dtype=torch.float64)
        for _ in range(100):
            probe(0, lambda: big)
        for _ in range(100_000):
            probe(0, lambda: 1.0)
    return x
