"""Texts as searches compare them: folded in Python, because SQLite knows only ASCII's cases.

Both databases compare these texts alike, whatever their collation.
"""

import unicodedata


def folded(*texts: str) -> str:
    """One line in which case, width and the number of blanks do not count (Unicode 3.13, NFKC_Casefold)."""
    text = " ".join(texts)
    for _round in range(2):
        text = unicodedata.normalize("NFKC", text.casefold())
    return " ".join(text.split())
