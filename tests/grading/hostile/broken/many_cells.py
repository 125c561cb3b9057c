"""A million cells.

ours: quarantined
"""


def data(honest):
    cell = b'{"cell_type":"raw","metadata":{},"source":""},'
    return honest.replace(b'"cells": [', b'"cells": [' + cell * 1_000_000, 1)
