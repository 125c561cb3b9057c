"""A loop that never ends, in a cell of the student's own.

ours: any
"""
# %% added
while True:
    pass
