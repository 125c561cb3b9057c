"""Shows and raises text that cannot be written as UTF-8.

ours: twice=0 stamp=0
"""
# %% added
print("\ud800\udfff", chr(0), "\x1b[31m")
# %% solution twice
def twice(x):
    print("\ud800")
    raise ValueError("\ud800 \udfff")
# %% solution stamp
def stamp(text):
    return "\ud83d"
