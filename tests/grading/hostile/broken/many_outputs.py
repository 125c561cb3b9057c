"""A hundred thousand outputs in one cell.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x\n"}] * 100_000
    return json.dumps(nb).encode()
