"""Cells that a spreadsheet would calculate are written with an apostrophe before them, which reading takes away.

A formula in somebody's name would otherwise run on the machine of whoever opens the export (OWASP: CSV injection).
"""

import re

# Full-width signs too: Excel takes them for the narrow ones in some countries. One apostrophe more or less than there
# was, however many there were, so that any text comes back as it went.
_FORMULA = re.compile("'*[=+@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH COMMERCIAL AT}"
                      "\N{FULLWIDTH HYPHEN-MINUS}-]")  # fmt: skip


def guarded(text: str) -> str:
    """As it is written."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """As it is read."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
