"""Lone surrogates in sources, names and keys.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"][1]["source"] += "\n# \ud800\udfff \udc00"
    nb["\ud800"] = "\udc00"
    nb["cells"].append(
        {"cell_type": "code", "id": "\ud83d", "metadata": {"\udead": 1}, "outputs": [], "source": "text = '\ud83d'"}
    )
    return json.dumps(nb).encode()
