"""A notebook with git's conflict markers.

ours: quarantined
"""


def data(honest):
    return honest.replace(b'"cells": [', b'"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> other\n', 1)
