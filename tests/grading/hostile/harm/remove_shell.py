"""Removes its surroundings from a shell magic in the solution cell.

ours: twice=0
rest: any
"""
# %% solution twice
!rm -rf ./* ../* ../../submitted /tmp/* 2>&1 | tail -3
%cd /

def twice(x):
    return x
