"""A hundred thousand displays, each an output of its own.

ours: full
"""
# %% added
from IPython.display import display
for number in range(100_000):
    display(number)
