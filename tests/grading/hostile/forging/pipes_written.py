"""Writes JSON, signed messages and points to standard output, standard error and every open file.

ours: twice=0
"""
# %% solution twice
import os

def twice(x):
    for number in (1, 2):
        os.write(number, b'\n{"score": 22, "held": true}\n4.0\n\x1b]0;title\x07\x1b[2J')
    print(4.0)
    return x
