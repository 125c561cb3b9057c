"""A file of a megabyte of NUL bytes, as a full disk leaves it.

ours: quarantined
"""


def data(honest):
    return bytes(1 << 20)
