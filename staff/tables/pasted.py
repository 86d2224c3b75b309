"""Lists of addresses as people paste them out of mail programs, notes and spreadsheets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A text in quotation marks or angle brackets is one piece, whatever it holds, unless it is too long for a name.
_PIECES = re.compile(r'"(?:[^"\\\n]|\\.){0,100}"|<[^<>\n]{0,100}>|[;\n\r,]|[^";\n\r,<]+|["<]')
_ENTRY = re.compile(r"(?P<name>[^<>]*)<\s*(?P<address>[^<>]*?)\s*>(?P<rest>[^<>]*)", re.DOTALL)
_BARE = re.compile(r"(?P<name>[^@]*?)(?P<address>\S+@\S+)(?P<rest>.*)", re.DOTALL)
_MOST = 1000  # letters of an entry; the patterns above take their time with nonsense


@dataclass(frozen=True)
class Entry:
    """`Bob Example <bob@example.com> moderator`; an address of "" is a text without one, which `name` has."""

    address: str
    name: str = ""
    rest: str = ""


def entries(text: str) -> Iterator[Entry]:
    """One to a line, or divided by semicolons, or by commas, which a name may hold too: `Example, Bob <bob@…>`."""
    for part in _parts(text):
        yield from map(_entry, part)


def _parts(text: str) -> Iterator[list[str]]:
    """By line and semicolon; what such a part holds, divided by commas."""
    pieces: list[list[str]] = [[]]
    for piece in _PIECES.findall(text.replace("\t", " ")):
        if piece in "\n\r;":
            yield _joined(pieces)
            pieces = [[]]
        elif piece == ",":
            pieces.append([])
        else:
            pieces[-1].append(piece)
    yield _joined(pieces)


def _joined(pieces: list[list[str]]) -> list[str]:
    """Names that a comma has divided put together again: what has no address belongs to the one in brackets behind."""
    found: list[str] = []
    held: list[str] = []
    for piece in filter(None, ("".join(piece).strip() for piece in pieces)):
        held.append(piece)
        if "@" in piece:
            found += [", ".join(held)] if ">" in piece else held
            held = []
    return found + held


def _entry(text: str) -> Entry:
    match = (_ENTRY.fullmatch(text) or _BARE.fullmatch(text)) if len(text) <= _MOST else None
    if match is None:
        return Entry("", text)
    return Entry(match["address"].removeprefix("mailto:"), _unquoted(match["name"]), match["rest"].strip())


def _unquoted(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return " ".join(name.split())
