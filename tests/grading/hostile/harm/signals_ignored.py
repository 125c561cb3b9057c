"""Ignores all signals that can be ignored, in a thread that holds the interpreter.

ours: twice=0
rest: any
"""
# %% solution twice
import ctypes, signal

def twice(x):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    ctypes.PyDLL(None).sleep(86_400)
