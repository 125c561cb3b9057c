"""Numbers of a million digits where numbers stand.

ours: full
"""


def data(honest):
    number = b"1" * 1_000_000
    return honest.replace(b'"execution_count": null', b'"execution_count": ' + number).replace(
        b'"nbformat_minor": 5', b'"nbformat_minor": ' + number
    )
