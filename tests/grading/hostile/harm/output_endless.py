"""Prints without end.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    while True:
        print("1" * 1_000_000)
