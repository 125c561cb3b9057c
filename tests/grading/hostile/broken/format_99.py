"""A notebook of a format that is not there yet.

ours: full
"""


def data(honest):
    return honest.replace(b'"nbformat": 4', b'"nbformat": 99')
