"""Pictures of twenty megabytes, of kinds that are none, with metadata that are longer still.

ours: full
"""
# %% added
from IPython.display import display
for kind in ("image/png", "image/svg+xml", "application/x-evil", "text/html", "../../etc/passwd"):
    display({kind: "A" * 20_000_000, "text/plain": "x"}, raw=True, metadata={"nbgrader": {"grade": True, "points": 99}, "x": "y" * 1_000_000})
