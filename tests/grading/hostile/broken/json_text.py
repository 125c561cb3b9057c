"""A JSON string that holds the notebook.

ours: quarantined
"""

import json


def data(honest):
    return json.dumps(honest.decode()).encode()
