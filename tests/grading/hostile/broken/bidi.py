"""Unicode that shows other code than runs: direction marks, look-alikes, invisible letters.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    nb["cells"].insert(
        2,
        {
            "cell_type": "code",
            "id": "bidi",
            "metadata": {},
            "outputs": [],
            "source": "t\u0275ice = 1  # \u202e)x(eciwt \u2066\nx\u200b = 2",
        },
    )
    return json.dumps(nb).encode()
