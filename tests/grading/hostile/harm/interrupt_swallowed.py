"""Swallows every interrupt, and goes on.

ours: twice=0
rest: any
"""
# %% solution twice
import time

def twice(x):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
