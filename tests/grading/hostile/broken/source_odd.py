"""Sources that are numbers, objects and lists of lists.

ours: any
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell, source in zip(nb["cells"][2:], (7, {"a": 1}, [["x"]], None, True, [1, 2]), strict=False):
        cell["source"] = source
    return json.dumps(nb).encode()
