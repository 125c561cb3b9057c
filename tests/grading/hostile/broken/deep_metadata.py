"""Metadata nested a hundred thousand deep around an honest notebook.

ours: quarantined
"""


def data(honest):
    deep = b'{"a":' * 100_000 + b"0" + b"}" * 100_000
    return honest.rstrip()[:-1] + b', "extra": ' + deep + b"}"
