"""What rows are searched by: the same on every database, and never behind the row."""

import sys
import unicodedata

import pytest

from database.folding import folded
from tests import factories
from users.models import User


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "Straße"),
        ("ÖZIL", "özil"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ｔｅａｍ", "team"),  # full width, as Japanese keyboards write
        ("Zoe\u0308", "ZOË"),  # a letter and its dots apart, as macOS writes names
        ("ﬁnance", "Finance"),
        ("  two \t\n words ", "Two Words"),
    ],
)
def test_texts_that_people_take_for_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_different_letters_stay_different() -> None:
    assert len({folded(text) for text in ("Muller", "Müller", "Mueller")}) == 3


@pytest.mark.slow
def test_folding_twice_changes_nothing_and_leaves_no_capital() -> None:
    """Else SQLite, to whom ASCII's capitals are small letters, would find what PostgreSQL does not."""
    letters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in {"Cs", "Cn"}]
    wrong = [letter for letter in letters if folded(folded(letter)) != folded(letter)]
    assert wrong == []
    assert not any("A" <= capital <= "Z" for letter in letters for capital in folded(letter))


@pytest.mark.django_db
def test_every_way_to_save_a_person_keeps_the_text() -> None:
    person = factories.user("ada", display_name="ADA")
    assert User.objects.get().search_text == "ada ada example ada@example.com"
    person.last_name = "Lovelace"
    person.save(update_fields=["last_name"])
    assert User.objects.get().search_text == "ada ada lovelace ada@example.com"
    part = User.objects.only("title").get()
    part.display_name = "Countess"
    part.save()
    assert User.objects.get().search_text == "countess ada lovelace ada@example.com"


@pytest.mark.django_db
def test_other_columns_leave_the_text_alone() -> None:
    person = factories.user("ada")
    User.objects.update(search_text="as it was")
    person.title = "Dr."
    person.save(update_fields=["title"])
    assert User.objects.get().search_text == "as it was"
