"""Sleeps for a day.

ours: twice=0
rest: any
"""
# %% solution twice
import time

def twice(x):
    time.sleep(86_400)
    return 2 * x
