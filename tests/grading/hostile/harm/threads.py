"""Ten thousand threads.

ours: twice=0
rest: any
"""
# %% solution twice
import threading, time

def twice(x):
    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    return x
