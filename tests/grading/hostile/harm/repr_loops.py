"""Returns objects whose repr never ends, and whose class is not to be asked.

ours: twice=0
rest: any
"""
# %% solution twice
class Endless:
    def __repr__(self):
        while True:
            pass

def twice(x):
    return Endless()
