"""Among the cells are numbers, lists, null, and cells without a type.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"][2:2] = [
        None,
        7,
        [],
        "x",
        {},
        {"cell_type": ["code"], "source": {}},
        {"cell_type": "code", "source": None, "metadata": "x", "outputs": 3},
    ]
    return json.dumps(nb).encode()
