"""JSON nested a million deep.

ours: quarantined
"""


def data(honest):
    return b"[" * 1_000_000 + b"]" * 1_000_000
