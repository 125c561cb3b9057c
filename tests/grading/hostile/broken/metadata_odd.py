"""Metadata that are lists, nbgrader's that are strings, names that are objects.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["metadata"] = ["x"]
    for place, cell in enumerate(nb["cells"]):
        cell["metadata"] = ([], "x", None, {"nbgrader": "x"}, {"nbgrader": {"grade_id": ["x"], "points": {}}, "tags": 7})[
            place % 5
        ]
    return json.dumps(nb).encode()
