"""Noise.

ours: quarantined
"""

import random


def data(honest):
    return random.Random(0).randbytes(100_000)
