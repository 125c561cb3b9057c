"""Writes an archive of a few kilobytes that holds gigabytes, and unpacks it.

ours: twice=0
"""
# %% solution twice
import io, zipfile

def twice(x):
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.txt", bytes(50 << 20))
    try:
        zipfile.ZipFile(pack).extractall("unpacked")
    except OSError as error:
        print(error)
    return x
