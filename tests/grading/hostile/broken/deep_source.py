"""A solution of thirty thousand nested brackets.

ours: any
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "twice":
            cell["source"] = "def twice(x):\n    return " + "(" * 30_000 + "x" + ")" * 30_000
    return json.dumps(nb).encode()
