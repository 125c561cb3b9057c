"""A notebook of format 3, with worksheets.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
            cell["language"] = "python"
        cell.pop("id")
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": nb["cells"], "metadata": {}}]}
    ).encode()
