"""A regular expression that takes longer than the universe has.

ours: stamp=0
rest: any
"""
# %% solution stamp
import re

def stamp(text):
    return re.match(r"(a*)*b", "a" * 60)
