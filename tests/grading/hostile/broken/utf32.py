"""UTF-32 without a byte order mark.

ours: full
"""


def data(honest):
    return honest.decode().encode("utf-32-le")
