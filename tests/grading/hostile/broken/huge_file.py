"""Forty megabytes of outputs.

ours: quarantined
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 40_000_000}]
    return json.dumps(nb).encode()
