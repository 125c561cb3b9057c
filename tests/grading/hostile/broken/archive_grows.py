"""A compressed file of a few kilobytes that would be gigabytes.

ours: quarantined
"""

import gzip


def data(honest):
    return gzip.compress(bytes(200 << 20)) * 10
