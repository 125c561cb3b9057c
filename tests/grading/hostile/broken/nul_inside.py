"""NUL bytes in every source and after the end.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        cell["source"] = "\0" + cell["source"] + "\0"
    return json.dumps(nb).encode() + bytes(1000)
