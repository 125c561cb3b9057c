"""What processes of the grader do not import."""

import sys

# jsonschema, which nbformat imports, compiles a grammar of internationalized addresses with it: one to three seconds in every
# process, for a format that no notebook's schema has. Where the package is not there, jsonschema goes without.
NEEDLESS = ("rfc3987_syntax",)


def trim() -> None:
    """Have the packages in NEEDLESS count as missing in this process, unless they are imported already."""
    for name in NEEDLESS:
        sys.modules.setdefault(name, None)
