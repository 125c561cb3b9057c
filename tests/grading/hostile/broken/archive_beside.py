"""An archive with paths that lead out, in the notebook's place.

ours: quarantined
"""

import io
import tarfile


def lay(folder, honest):
    with tarfile.open(folder / "hostile.tar.gz", "w:gz") as archive:
        for name in ("../../../gradebook.db", "/tmp/hostile-unpacked", "hostile.ipynb"):
            entry = tarfile.TarInfo(name)
            entry.size = len(honest)
            archive.addfile(entry, io.BytesIO(honest))
