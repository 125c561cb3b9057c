"""The page that a file host shows instead of the file.

ours: quarantined
"""


def data(honest):
    return b"<!DOCTYPE html><html><body><script>document.title = 1</script>Sign in</body></html>"
