"""A byte order mark, and Windows' line ends everywhere.

ours: full
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + json.dumps(nb, indent=1).replace("\n", "\r\n").encode()
