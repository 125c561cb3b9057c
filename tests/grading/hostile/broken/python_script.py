"""The notebook saved as a Python script.

ours: quarantined
"""

import json


def data(honest):
    nb = json.loads(honest)
    return "\n\n".join(cell["source"] for cell in nb["cells"]).encode()
