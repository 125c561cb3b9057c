"""Fills its working folder with files, six gigabytes at most here.

ours: twice=0
"""
# %% solution twice
def twice(x):
    block = b"1" * (1 << 24)
    for number in range(100):
        try:
            with open(f"fill-{number}", "wb") as file:
                for _ in range(4):
                    file.write(block)
        except OSError as error:
            print(error)
            break
    return x
