"""An upload that broke off in the middle.

ours: quarantined
"""


def data(honest):
    return honest[: len(honest) // 2]
