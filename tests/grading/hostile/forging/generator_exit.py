"""Raises exceptions that are no Exception, and one that pretends to be of the check's kind.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    raise GeneratorExit
# %% solution stamp
class Passed(BaseException):
    __module__ = "builtins"

def stamp(text):
    raise Passed("held")
