"""Forks twice, starts a session of its own, and stays to change what the next student's kernel reads.

ours: twice=0
"""
# %% added
import os, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(256):
            try:
                os.close(number)
            except OSError:
                pass
        end = time.time() + 60
        while time.time() < end:
            try:
                open("/tmp/left-behind", "w").write(str(time.time()))
            except OSError:
                pass
            time.sleep(0.5)
    os._exit(0)
# %% solution twice
def twice(x):
    return x
