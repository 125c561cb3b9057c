"""Three hundred thousand empty files, and folders nested as deep as they go.

ours: twice=0
rest: any
"""
# %% solution twice
import os

def twice(x):
    try:
        for number in range(300_000):
            os.close(os.open(f"n{number}", os.O_CREAT | os.O_WRONLY))
    except OSError as error:
        print(number, error)
    try:
        for _ in range(5000):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    except OSError as error:
        print(error)
    return x
