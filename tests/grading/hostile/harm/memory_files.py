"""Fills memory that belongs to no process: memfd, System V segments and /dev/shm.

ours: twice=0
rest: any
"""
# %% solution twice
import ctypes, os

def twice(x):
    libc, block = ctypes.CDLL(None, use_errno=True), b"1" * (16 << 20)
    taken, kept = 0, []
    try:
        for number in range(100):
            kept.append(os.memfd_create(f"m{number}"))
            for _ in range(3):
                taken += os.write(kept[-1], block)
    except OSError as error:
        print("memfd", error)
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(12):
        segment = libc.shmget(0, 256 << 20, 0o1600)
        where = libc.shmat(segment, None, 0)
        if segment < 0 or where in (None, 2**64 - 1):
            break
        ctypes.memset(where, 1, 256 << 20)
        libc.shmdt(ctypes.c_void_p(where))
        taken += 256 << 20
    for number in range(60):
        try:
            with open(f"/dev/shm/{number}", "wb") as file:
                for _ in range(3):
                    taken += file.write(block)
        except OSError as error:
            print("shm", error)
            break
    print(taken >> 20, "MB")
    return x
