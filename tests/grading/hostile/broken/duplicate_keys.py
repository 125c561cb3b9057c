"""Every key twice; the second list of cells has none.

ours: any
"""


def data(honest):
    return honest.rstrip()[:-1] + b', "cells": [], "cells": [], "nbformat": 3}'
