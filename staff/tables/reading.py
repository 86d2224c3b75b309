"""Reads CSV as spreadsheets write it: in any of their encodings, with comma, semicolon or tab, row by row.

Nothing is guessed silently: what was found out about the file is in the Table, and what cannot be read is a TableError.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, Any

from django.utils.translation import gettext

from staff.tables.cells import plain

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
DELIMITERS = ",;\t"
_PIECE = 1 << 16
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like UTF-16's, and comes first for that
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls


class TableError(Exception):
    """The file as a whole cannot be read; the text is for people, and says where."""


def too_many_rows() -> TableError:
    text = gettext("There are more than %(count)d rows. Divide the list and import the parts.")
    return TableError(text % {"count": MOST_ROWS})


@dataclass(frozen=True)
class Column:
    """`headers` are what people call it, in their languages; case, blanks and hyphens do not count."""

    name: str
    headers: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Row:
    """`number` as the spreadsheet counts, in which the header is row 1; `cells` by the column's name."""

    number: int
    cells: dict[str, str]
    problem: str = ""  # of the row itself


@dataclass(frozen=True)
class Table:
    encoding: str
    ignored: list[str]  # headers that name no column of ours
    rows: Iterator[Row]


@contextmanager
def table(file: IO[bytes], columns: Sequence[Column]) -> Iterator[Table]:
    """Raises TableError, also while the rows are read."""
    encoding = encoding_of(file)
    text = TextIOWrapper(file, encoding=encoding, newline="")
    try:
        header, delimiter = _header(text, columns)
        names, ignored = _names(header, columns)
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        yield Table(encoding, ignored, _rows(reader, names))
    finally:
        text.detach()  # the file belongs to the caller


def encoding_of(file: IO[bytes]) -> str:
    """By its mark, else UTF-8, UTF-16, or what Western Windows writes; each is proven on the whole file."""
    file.seek(0)
    head = file.read(4096)
    if not head.strip():
        raise TableError(gettext("The file is empty."))
    if head.startswith(_WORKBOOKS):
        raise TableError(gettext("This is a spreadsheet's own file. Save it as “CSV UTF-8” and try again."))
    for encoding in _candidates(head):
        if _is_text(file, encoding):
            return encoding
    raise TableError(gettext("This is no text in UTF-8, UTF-16 or Windows-1252. Save it as “CSV UTF-8” and try again."))


def _candidates(head: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return (encoding,)
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even or odd:  # Latin letters in UTF-16
        return ("utf-16-le",) if odd > even else ("utf-16-be",)
    return ("utf-8", "cp1252")


def _is_text(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if "\0" in decoder.decode(piece):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    finally:
        file.seek(0)
    return True


def _header(text: TextIOWrapper, columns: Sequence[Column]) -> tuple[list[str], str]:
    """The first row, split by whichever delimiter shows most of our columns."""
    known = set(_spellings(columns))
    found: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        text.seek(0)
        try:
            found[delimiter] = next(csv.reader(text, delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
    best = max(found, key=lambda one: len(known.intersection(map(_folded, found[one]))), default="")
    if not best or not known.intersection(map(_folded, found[best])):
        raise TableError(
            gettext("The first row must name the columns, for example: %(names)s.")
            % {"names": ", ".join(column.name for column in columns)}
        )
    return found[best], best


def _names(header: list[str], columns: Sequence[Column]) -> tuple[list[str | None], list[str]]:
    """Of each cell the column's name, None for those that are not ours; and the headers of those."""
    spellings = _spellings(columns)
    names = [spellings.get(_folded(cell)) for cell in header]
    given = [name for name in names if name]
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise TableError(gettext("Two columns mean the same: %(names)s.") % {"names": ", ".join(twice)})
    if missing := [column.name for column in columns if column.is_required and column.name not in given]:
        raise TableError(gettext("A column is missing: %(names)s.") % {"names": ", ".join(missing)})
    return names, [cell for cell, name in zip(header, names, strict=True) if not name and cell.strip()]


def _spellings(columns: Sequence[Column]) -> dict[str, str]:
    return {_folded(header): column.name for column in columns for header in (column.name, *column.headers)}


def _folded(header: str) -> str:
    return re.sub(r"[\s_-]+", "", header).casefold()


def _rows(reader: Any, names: list[str | None]) -> Iterator[Row]:
    """Empty rows are left out, and count: spreadsheets show their numbers."""
    number = count = 0
    try:
        for cells in reader:
            number += 1
            if number == 1 or not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise too_many_rows()
            yield _row(number, cells, names)
    except csv.Error as error:
        text = gettext("Row %(number)d cannot be read. Is a quotation mark missing or too many? (%(error)s)")
        raise TableError(text % {"number": number + 1, "error": error}) from error


def _row(number: int, texts: list[str], names: list[str | None]) -> Row:
    problem = ""
    if any(text.strip() for text in texts[len(names) :]):
        problem = gettext("The row has %(count)d cells, but there are %(columns)d columns.")
        problem %= {"count": len(texts), "columns": len(names)}
    return Row(number, {name: plain(text) for name, text in zip(names, texts, strict=False) if name}, problem)
