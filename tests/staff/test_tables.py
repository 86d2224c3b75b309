"""CSV as spreadsheets write it, and lists of addresses as people paste them."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from staff.tables.cells import guarded, plain
from staff.tables.pasted import Entry, entries
from staff.tables.reading import MOST_ROWS, Column, Row, TableError, table
from staff.tables.writing import lines, text_of

COLUMNS = (
    Column("email", ("E-mail address", "E-Mail-Adresse"), is_required=True),
    Column("name", ("Name", "Vorname")),
    Column("note"),
)
UMLAUTS = "email;Name\r\nbob@example.com;Jürgen Weiß\r\n"


def read(content: bytes | str) -> tuple[str, list[str], list[Row]]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    with table(file, COLUMNS) as found:
        answer = found.encoding, found.ignored, list(found.rows)
    assert not file.closed
    return answer


def cells(content: bytes | str) -> list[dict[str, str]]:
    return [row.cells for row in read(content)[2]]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"), ("latin-1", "cp1252"),
    ],
)  # fmt: skip
def test_encoding_is_found(encoding: str, found: str) -> None:
    assert read(UMLAUTS.encode(encoding)) == (
        found, [], [Row(2, {"email": "bob@example.com", "name": "Jürgen Weiß"})]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"PK\x03\x04rest", "spreadsheet's own file"),
        (b"\xef\xbb\xbfemail\r\n\xff", "no text in UTF-8"),
        (b"\xff\xfeemail", "no text in UTF-8"),
        (b"email\r\n\x81\x8d", "no text in UTF-8"),
        (b"email\r\nbob\0", "no text in UTF-8"),
        (b"bob@example.com\r\n", "must name the columns, for example: email, name, note"),
        (b"Name\r\nBob", "column is missing: email"),
        (b"email,E-Mail-Adresse\r\n", "Two columns mean the same: email"),
        (b'email\r\na@b\r\n"c', "Row 3 cannot be read"),
        (b'email\r\n"a"b\r\n', "Row 2 cannot be read"),
        (b"email\r\n" + b"x" * 200_000, "Row 2 cannot be read"),
        (b"email\r\n" + b"x\r\n" * (MOST_ROWS + 1), "more than 10000 rows"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, told: str) -> None:
    with pytest.raises(TableError, match=told):
        read(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_found_by_the_header(delimiter: str) -> None:
    text = delimiter.join(["e mail_ADDRESS", "Vorname"]) + "\n" + delimiter.join(["a@b", '"x,;\ty"']) + "\n"
    assert cells(text) == [{"email": "a@b", "name": "x,;\ty"}]


def test_quoted_cell_may_have_lines_and_rows_are_counted_as_a_spreadsheet_does() -> None:
    rows = read('email,note\r\na@b,"one\r\ntwo ""and"" three"\r\n\r\n , \r\nc@d,\r\ne@f\r\n')[2]
    assert rows == [
        Row(2, {"email": "a@b", "note": 'one\r\ntwo "and" three'}),
        Row(5, {"email": "c@d", "note": ""}),
        Row(6, {"email": "e@f"}),
    ]


def test_row_with_too_many_cells_has_a_problem() -> None:
    assert read("email\na@b,Bob\nc@d,\n")[2] == [
        Row(2, {"email": "a@b"}, "The row has 2 cells, but there are 1 columns."), Row(3, {"email": "c@d"})
    ]  # fmt: skip


def test_columns_of_others_are_named() -> None:
    assert read("email,Shoe size,\na@b,44,\n")[1:] == (["Shoe size"], [Row(2, {"email": "a@b"})])


@pytest.mark.parametrize("cell", ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "'=1", "''=1"])
def test_formula_is_written_as_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert [guarded(text) for text in ("", "a=b", "'a'", "O'Hara", " =1", "ü")] == [
        "",
        "a=b",
        "'a'",
        "O'Hara",
        " =1",
        "ü",
    ]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@settings(deadline=None)
@given(TEXTS)
@example("'='")
@example("''''=")
@example("'x")
def test_any_text_comes_back_from_its_cell(text: str) -> None:
    assert plain(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=8))
def test_any_table_comes_back(rows: list[tuple[str, str, str]]) -> None:
    written = "".join(lines(["email", "name", "note"], rows)).encode()
    filled = [row for row in rows if any(guarded(text).strip() for text in row)]
    assert [tuple(found.values()) for found in cells(written)] == filled


def test_values_read_alike_in_every_language() -> None:
    at = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=1)))
    assert [text_of(value) for value in (None, True, {"ä": 1}, ["x"], 5, at, at.astimezone(UTC))] == [
        "", "true", '{"ä": 1}', '["x"]', "5", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"
    ]  # fmt: skip


def test_written_as_other_programs_read_it() -> None:
    written = "".join(lines(["a", "b"], [["x,y", 'say "hi"'], ["two\nlines", "=1"]]))
    assert written.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(written[1:], newline="")))
    assert found == [["a", "b"], ["x,y", 'say "hi"'], ["two\nlines", "'=1"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bob@example.com", [Entry("bob@example.com")]),
        ("Bob Example <bob@example.com>", [Entry("bob@example.com", "Bob Example")]),
        ("Bob <b@x>\nCarol <c@x>\r\n\nd@x", [Entry("b@x", "Bob"), Entry("c@x", "Carol"), Entry("d@x")]),
        ("b@x, c@x;d@x , e@x,", [Entry("b@x"), Entry("c@x"), Entry("d@x"), Entry("e@x")]),
        ("Bob <b@x> moderator\nc@x  guest", [Entry("b@x", "Bob", "moderator"), Entry("c@x", "", "guest")]),
        ('"Example, Bob" <b@x>, c@x', [Entry("b@x", "Example, Bob"), Entry("c@x")]),
        ("Example, Bob <b@x>; Adams, Carol <c@x>", [Entry("b@x", "Example, Bob"), Entry("c@x", "Adams, Carol")]),
        ("Example, Bob <b@x>, Adams, Carol <c@x>", [Entry("b@x", "Example, Bob"), Entry("c@x", "Adams, Carol")]),
        ('"Bob \\"the ""builder" <b@x>', [Entry("b@x", 'Bob "the ""builder')]),
        ("Bob O'Hara\tb@x\tmoderator", [Entry("b@x", "Bob O'Hara", "moderator")]),
        ("<mailto:b@x>", [Entry("b@x")]),
        ("Bob, c@x", [Entry("", "Bob"), Entry("c@x")]),
        ("nobody", [Entry("", "nobody")]),
        ("Bob <>", [Entry("", "Bob")]),
        ("Bob <b@x", [Entry("<b@x", "Bob")]),
        (" \n;,", []),
    ],
)
def test_pasted_list(text: str, expected: list[Entry]) -> None:
    assert list(entries(text)) == expected


@settings(deadline=None)
@given(st.text(st.sampled_from('ab@<>",;\n\\ .')))
@example('"\\' * 2000)
@example("<" * 4000)
def test_nothing_pasted_is_lost(text: str) -> None:
    found = "".join(f"{entry.address}{entry.name}{entry.rest}" for entry in entries(text))
    assert found.count("a") == text.count("a")
