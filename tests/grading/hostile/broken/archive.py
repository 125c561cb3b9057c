"""A zip archive under the notebook's name.

ours: quarantined
"""

import io
import zipfile


def data(honest):
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("../../../hostile.ipynb", honest)
    return pack.getvalue()
