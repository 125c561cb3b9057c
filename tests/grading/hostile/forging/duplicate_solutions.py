"""Two solution cells of one name; the last one is right.

ours: full
"""
# %% solution twice
def twice(x):
    return x
# %% copy twice
def twice(x):
    return 2 * x
