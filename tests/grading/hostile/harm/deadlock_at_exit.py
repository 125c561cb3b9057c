"""A thread that never ends, and an exit that waits for it.

ours: twice=0
"""
# %% added
import atexit, threading, time

threading.Thread(target=time.sleep, args=(86_400,), daemon=False).start()
lock = threading.Lock()
lock.acquire()
atexit.register(lock.acquire)
# %% solution twice
def twice(x):
    return x
