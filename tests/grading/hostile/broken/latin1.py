"""Latin-1 with umlauts in a comment.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"][1]["source"] += "\n# Grüße, naïve Fälle"
    return json.dumps(nb, ensure_ascii=False).encode("latin-1")
