"""Reads address zero.

ours: twice=0
"""
# %% solution twice
import ctypes

def twice(x):
    ctypes.string_at(0)
