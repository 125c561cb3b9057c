"""Two thousand cells of long lines that look like stubs, to slow the matching down.

ours: any
"""

import json


def data(honest):
    nb = json.loads(honest)
    text = "def twice(x):\n" + "    def twice(x): return ((((\n" * 25
    nb["cells"] += [
        {
            "cell_type": "code",
            "id": f"s{number}",
            "metadata": {"nbgrader": {"grade_id": "twice"}},
            "outputs": [],
            "source": text + str(number),
        }
        for number in range(1900)
    ]
    return json.dumps(nb).encode()
