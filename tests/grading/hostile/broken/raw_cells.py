"""All code is in raw cells, and all text in code cells.

ours: any
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        cell["cell_type"] = "raw" if cell["cell_type"] == "code" else "code"
    return json.dumps(nb).encode()
