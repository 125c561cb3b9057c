"""Returns lists within lists, a hundred thousand deep, one that holds itself, and a million keys.

ours: twice=0 stamp=0 milli=0
"""
# %% solution twice
def twice(x):
    found = []
    for _ in range(100_000):
        found = [found]
    return found
# %% solution stamp
def stamp(text):
    found = []
    found.append(found)
    return found
# %% solution milli
def milli(x):
    return {number: number for number in range(1_000_000)}
