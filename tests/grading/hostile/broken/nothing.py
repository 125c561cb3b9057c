"""An empty folder.

ours: quarantined
"""


def lay(folder, honest):
    pass
