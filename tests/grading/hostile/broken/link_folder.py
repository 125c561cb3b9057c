"""The student's folder is a link to another student's.

ours: quarantined
"""


def lay(folder, honest):
    folder.rmdir()
    folder.symlink_to("../neighbour/hostile")
