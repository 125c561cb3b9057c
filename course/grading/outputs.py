"""The outputs in a student's own file as plain data: text and images that feedback may show, and nothing else.

Formats 3 and 4 come out as format 4. What is malformed, of another kind or an image too large is left out without a word.
"""

from itertools import islice

MAX_OUTPUTS, MAX_TEXT, MAX_IMAGE = 20, 100_000, 500_000  # per cell; characters of a text, of an image's base64
KINDS = {"pyout": "execute_result", "pyerr": "error"}  # format 3's names
MIMES = {"text": "text/plain", "html": "text/html", "png": "image/png", "jpeg": "image/jpeg"}  # by format 3's names


def _text(value) -> str:
    """A text from a string or a list of lines; empty for anything else."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _bundle(output: dict) -> dict[str, str]:
    """What one output shows, by MIME type."""
    data = output.get("data")
    if not isinstance(data, dict):
        data = {mime: output.get(name) for name, mime in MIMES.items()}
    found = {mime: _text(data.get(mime)) for mime in MIMES.values()}
    found = {mime: text if mime.startswith("image/") else text[:MAX_TEXT] for mime, text in found.items()}
    return {mime: text for mime, text in found.items() if text and len(text) <= MAX_IMAGE}


def _traceback(raw) -> list[str]:
    """The entries of a traceback from its end, where the error stands, up to MAX_TEXT characters."""
    kept, left = [], MAX_TEXT
    for entry in reversed(raw if isinstance(raw, list) else [raw]):
        if text := _text(entry)[-left:] if left > 0 else "":
            kept.insert(0, text)
            left -= len(text)
    return kept[-1000:]


def _output(raw) -> dict | None:
    """One output in format 4 with no more in it than is shown; None where nothing is."""
    kind = raw.get("output_type") if isinstance(raw, dict) else None
    kind = KINDS.get(kind, kind) if isinstance(kind, str) else None
    if kind == "stream":
        name = "stderr" if "stderr" in (raw.get("name"), raw.get("stream")) else "stdout"
        text = _text(raw.get("text"))[:MAX_TEXT]
        return {"output_type": kind, "name": name, "text": text} if text else None
    if kind in ("display_data", "execute_result"):
        count = {"execution_count": None} if kind == "execute_result" else {}
        return {"output_type": kind, "data": data, "metadata": {}, **count} if (data := _bundle(raw)) else None
    if kind == "error":
        name, value, trace = _text(raw.get("ename"))[:1000], _text(raw.get("evalue"))[:MAX_TEXT], _traceback(raw.get("traceback"))
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": trace} if name or trace else None
    return None


def read_outputs(raw) -> tuple[dict, ...]:
    """The outputs of one cell as handed in that can be shown, MAX_OUTPUTS at the most; none where `raw` is no list."""
    return tuple(islice(filter(None, map(_output, raw)), MAX_OUTPUTS)) if isinstance(raw, list) else ()
