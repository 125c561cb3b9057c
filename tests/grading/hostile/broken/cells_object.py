"""Cells that are an object, not a list.

ours: quarantined
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"] = {str(place): cell for place, cell in enumerate(nb["cells"])}
    return json.dumps(nb).encode()
