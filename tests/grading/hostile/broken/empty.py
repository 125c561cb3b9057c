"""A file of no bytes.

ours: quarantined
"""


def data(honest):
    return b""
