"""UTF-16 with a byte order mark.

ours: full
"""


def data(honest):
    return honest.decode().encode("utf-16")
