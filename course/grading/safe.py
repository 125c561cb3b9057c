"""Text, code, pictures and HTML of anybody's, made fit to stand in a page: nothing in them runs, loads or hides.

What these functions return is `Markup`; `tag` escapes every child and every attribute that is not.
"""

import base64
import binascii
import re
import struct
from functools import cache

from markupsafe import Markup
from markupsafe import escape as quote

MAX_IMAGE_BYTES, MAX_SIDE, MAX_PIXELS = 500_000, 10_000, 20_000_000
ANSI = re.compile(r"\x1b(?:\[[0-9;:?]*(?:[ -/]*[@-~]|\Z)|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
COLOUR = re.compile(r"(\x1b\[[0-9;]{0,40}m)")
# Control characters, the marks that turn the direction of a line round, and characters that cannot be seen.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
STACKED = re.compile(f"([{MARKS}]{{3}})[{MARKS}]+")  # accents piled up reach over the lines above
TAGS = set(
    "table thead tbody tfoot tr th td caption p br hr div span b strong i em u s small sub sup code pre kbd samp var blockquote "
    "ul ol li dl dt dd a img".split()
)
UNREAD = {"script", "style", "svg", "math", "template", "iframe", "object", "noscript", "title", "textarea", "select"}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def visible(text: str) -> str:
    """The text with what cannot be seen, or turns the direction of a line, written out as ⟨U+202E⟩; tabs and line ends stay."""
    text = HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
    return STACKED.sub(r"\1", text)


def plain(text: str) -> str:
    """The text without ANSI sequences, with plain line ends, and with nothing hidden in it."""
    return visible(ANSI.sub("", text.replace("\r\n", "\n")))


def escaped(text) -> Markup:
    """Any text as HTML; Markup stays as it is."""
    return text if isinstance(text, Markup) else quote(plain(str(text)))


def tag(name: str, *children, **attributes) -> Markup:
    """An element: a trailing _ of an attribute's name falls away, other ones become hyphens; None leaves an attribute out."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items() if value is not None
    )
    return Markup(f"<{name}{words}>{''.join(map(escaped, children))}</{name}>")


def clip(text: str, limit: int) -> tuple[str, str]:
    """The text up to `limit` characters, and a sentence that says so where it was longer."""
    return (text, "") if len(text) <= limit else (text[:limit], f"Cut after {limit:,} of {len(text):,} characters.")


def terminal(text: str) -> str:
    """What a terminal shows in the end of lines that were written over, as progress bars are."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def coloured(text: str) -> Markup:
    """A terminal's text with its sixteen colours as classes ansi-*; other colours and backgrounds are left to the page."""
    from nbconvert.filters import ansi2html

    text = ANSI.sub(lambda found: found[0] if COLOUR.fullmatch(found[0]) else "", terminal(text))
    parts = COLOUR.split(text)
    parts[::2] = map(visible, parts[::2])
    # Quotes of the text are escaped already: only the tags made for colours can hold this attribute.
    return Markup(re.sub(r' style="[^"]*"', "", str(ansi2html("".join(parts)))))


@cache
def _highlighter():
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)


def code(source: str) -> Markup:
    """Python code as <pre>, a span for each line and Pygments' short class names inside."""
    from pygments import highlight

    text = plain(source).rstrip("\n")
    # The lexer takes seconds for thousands of blank lines.
    shown = str(quote(text)) if re.search(r"\s{500}", text) else highlight(text, *_highlighter()).rstrip("\n")
    lines = "\n".join(f'<span class="line">{line}</span>' for line in shown.split("\n"))
    return Markup(f'<pre class="code" tabindex="0"><code>{lines}</code></pre>')


def _size(kind: str, data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from the header of a PNG or a JPEG; None where it is none."""
    if kind == "image/png":
        return struct.unpack(">II", data[16:24]) if data[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" and len(data) >= 33 else None
    at = 2 if data.startswith(b"\xff\xd8\xff") else len(data)
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return struct.unpack(">HH", data[at + 5 : at + 9])[::-1]
        at += 2 + max(length, 2)
    return None


def image(kind: str, text: str) -> tuple[str, tuple[int, int]] | None:
    """A PNG or JPEG in base64 as a data URI, and its size in pixels; None for anything else, or where it is too large."""
    if kind not in ("image/png", "image/jpeg") or len(text) > 2 * MAX_IMAGE_BYTES:
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    size = _size(kind, data)
    if len(data) > MAX_IMAGE_BYTES or not size or not 0 < min(size) or max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS:
        return None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}", size


def _attribute(name: str, attribute: str, value: str) -> str | None:
    """The value of an attribute that may stay."""
    if (name, attribute) == ("a", "href"):
        return value if re.match(r"https?://", value.strip(), re.IGNORECASE) else None
    if (name, attribute) == ("img", "src"):
        found = re.match(r"data:(image/(?:png|jpeg));base64,", value)
        made = image(found[1], value[found.end() :]) if found else None
        return made[0] if made else None
    if attribute in ("colspan", "rowspan"):
        return value if re.fullmatch(r"[1-9]\d?", value, re.ASCII) else None
    return value


def fragment(html: str) -> Markup:
    """HTML with nothing left but tables, lists, basic text, http(s) links, and PNG and JPEG pictures that it brings itself."""
    import nh3

    clean = nh3.clean(
        html.encode("utf-8", "replace").decode(),
        tags=TAGS,
        clean_content_tags=UNREAD,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "data"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
    return Markup(visible(clean))
