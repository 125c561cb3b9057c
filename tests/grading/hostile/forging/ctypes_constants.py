"""Changes the number 2 of this interpreter, so that twice is nothing at all.

ours: twice=0
rest: any
"""
# %% solution twice
import ctypes

def twice(x):
    ctypes.memmove(id(2) + 24, (ctypes.c_int32 * 1)(1), 4)
    return x
