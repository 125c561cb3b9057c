"""A cell of a hundred thousand characters made for slow regular expressions.

ours: any
"""

import json


def data(honest):
    nb = json.loads(honest)
    for number, text in enumerate(
        (
            "from " * 16_000,
            " " * 99_000 + "x",
            "\n" * 99_000,
            "(" * 99_000,
            "import a," * 9_000,
            "a = " * 20_000,
            '"""' * 30_000,
            "def " * 20_000,
            "\\\n" * 45_000,
            "@x\n" * 30_000,
            "### BEGIN SOLUTION\n" * 4000,
        )
    ):
        nb["cells"].insert(
            2 + number, {"cell_type": "code", "id": f"slow{number}", "metadata": {}, "outputs": [], "source": text}
        )
    return json.dumps(nb).encode()
