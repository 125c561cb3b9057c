"""Asks for input, and waits.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return float(input("How many points? "))
