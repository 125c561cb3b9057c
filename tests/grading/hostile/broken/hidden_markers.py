"""Hidden-test and solution markers of the student's own, to make the grader cut in the wrong place.

ours: twice=0 unit=any stamp=any total=any root=any milli=any chain=any
"""

import json


def data(honest):
    nb = json.loads(honest)
    for cell in nb["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "twice":
            cell["source"] = (
                "### END SOLUTION\n### END HIDDEN TESTS\ndef twice(x):\n    return x\n### BEGIN HIDDEN TESTS\n### BEGIN SOLUTION"
            )
    return json.dumps(nb).encode()
