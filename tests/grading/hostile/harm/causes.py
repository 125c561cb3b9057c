"""An error with fifty thousand causes, and one that is its own.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    last = None
    for number in range(50_000):
        error = ValueError(number)
        error.__cause__ = last
        last = error
    raise last
# %% solution stamp
def stamp(text):
    one = ValueError(text)
    one.__cause__ = KeyError()
    one.__cause__.__context__ = one
    raise one
