"""A notebook without format, metadata and ids.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    return json.dumps({"cells": [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in nb["cells"]]}).encode()
