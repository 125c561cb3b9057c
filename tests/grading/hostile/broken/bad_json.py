"""A notebook with a comma too many.

ours: quarantined
"""


def data(honest):
    return honest.replace(b'"cells": [', b'"cells": [,', 1)
