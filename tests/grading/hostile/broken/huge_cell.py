"""A cell of ten million characters, and an honest rest.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"].insert(
        2,
        {
            "cell_type": "code",
            "id": "huge",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "x = 1\n" * 1_600_000,
        },
    )
    return json.dumps(nb).encode()
