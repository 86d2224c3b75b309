"""Every catalogue is complete: what is listed has all its parts, and what exists is listed."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages import Message as Text
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.loader import get_template

from activity import kinds
from activity.kind import Kind
from integrations.cospace import formats as cospace
from integrations.webex import formats as webex
from integrations.webex.events import MOST_EVENTS
from mailer import kinds as mail_kinds
from mailer.messages import Message

ROOT = Path(settings.BASE_DIR)
APPS = (
    "activity", "calendars", "database", "events", "imports", "integrations", "invites", "mailer", "operations",
    "opentalk_site", "outgoing", "rest", "rooms", "signaling", "site_settings", "staff", "users",
)  # fmt: skip


def sources(pattern: str = "**/*.py") -> list[Path]:
    return [path for app in APPS for path in (ROOT / app).glob(pattern) if "migrations" not in path.parts]


@pytest.mark.parametrize("message", mail_kinds.KINDS.values(), ids=list(mail_kinds.KINDS))
@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
def test_every_mail_kind_has_its_templates(message: type[Message], part: str) -> None:
    get_template(f"mail/{message.action}/{part}")


def test_the_protocol_has_twelve_mail_kinds() -> None:
    people, actions = ("registered", "unregistered", "external"), ("invite", "update", "cancellation", "uninvite")
    assert set(mail_kinds.PROTOCOL) == {f"{person}_event_{action}" for person in people for action in actions}


def test_every_activity_kind_is_listed() -> None:
    files = [import_module(f"activity.{path.stem}") for path in sorted((ROOT / "activity").glob("*kinds.py"))]
    classes = {value for file in files for value in vars(file).values() if isinstance(value, type)}
    defined = {value for value in classes if issubclass(value, Kind) and hasattr(value, "name")}
    assert set(kinds.KINDS.values()) == defined


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=list(kinds.KINDS))
def test_every_activity_kind_has_a_rule_for_its_audience_and_is_recorded(kind: type[Kind]) -> None:
    assert callable(kind.audience)
    assert kind.__name__ in called()


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=list(kinds.KINDS))
def test_webex_shows_every_activity_kind_or_lists_it_as_not_shown(kind: type[Kind]) -> None:
    assert (kind.name in webex.FORMATS) != (kind.name in webex.NOT_SHOWN)


def test_webex_says_of_each_kind_once_what_it_is() -> None:
    assert webex.kinds_twice() == []
    assert webex.FORMATS.keys() | webex.NOT_SHOWN == kinds.KINDS.keys()
    assert max(map(len, webex.FORMATS.values())) <= MOST_EVENTS


@cache
def called() -> set[str]:
    """The names of all functions and classes that our code calls."""
    return {
        node.func.id
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


TRANSLATIONS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


@cache
def catalogue_of(code: str) -> Catalog:
    with (ROOT / "locale" / code / "LC_MESSAGES/django.po").open("rb") as source:
        return read_po(source, locale=code)


def strings(message: Text) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)


def test_cospace_tells_every_activity_kind_or_lists_it_as_not_shown() -> None:
    assert {*cospace.FORMATS, *cospace.NOT_SHOWN} == {*kinds.KINDS}


def test_each_folder_of_texts_is_a_language() -> None:
    assert sorted(TRANSLATIONS) == sorted(folder.name for folder in (ROOT / "locale").iterdir())


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_every_shipped_language_is_complete(code: str) -> None:
    texts = [message for message in catalogue_of(code) if message.id]
    assert texts
    assert [message.id for message in texts if message.fuzzy or not all(strings(message))] == []


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_no_translation_has_lost_a_placeholder(code: str) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)[sd]", text))

    for message in catalogue_of(code):
        own = message.id if isinstance(message.id, list | tuple) else (message.id,)
        allowed = set().union(*map(names, own))
        for text in strings(message) if message.id else ():
            assert names(text) <= allowed, message.id
            assert names(own[-1]) == names(text) or len(own) > 1, message.id
            assert text.replace("%%", "").count("%") == len(re.findall(r"%\(\w+\)[sd]", text)), message.id


def test_french_has_its_spaces() -> None:
    """No line breaks before a mark: a no-break space before a colon, a narrow one before ; ! and ?"""
    texts = [text for message in catalogue_of("fr") for text in strings(message) if message.id]
    assert [text for text in texts if re.search(r" [:;!?]|(?<![\u00a0 ])[:](?!/)|(?<!\u202f)[;!?]|« | »|'", text)] == []


def test_every_setting_is_in_the_example() -> None:
    """The names that settings.py and its parts read, beside those of .env.example."""
    texts = [
        (ROOT / "opentalk_site" / name).read_text()
        for name in ("settings.py", "integration_settings.py", "meeting_servers.py")
    ]
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', "".join(texts))
    shown = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(shown) == sorted({*read} - {"ANYMAIL_"})


def test_no_module_has_outgrown_its_file() -> None:
    assert [str(path) for path in sources() if len(path.read_text().splitlines()) > 400] == []


def test_every_citation_of_the_contract_leads_to_a_rule() -> None:
    text = (ROOT / "docs/contract.md").read_text()
    rules = set(re.findall(r"^(?:#+|-) (\d+(?:\.\d+)?)\.? ", text, re.MULTILINE))
    cited = {
        (path.name, number)
        for path in [*sources(), *(ROOT / "tests").rglob("*.py")]
        for numbers in re.findall(r"\bcontract ((?:\d+(?:\.\d+)?(?:, | to )?)+)", path.read_text())
        for number in re.findall(r"\d+(?:\.\d+)?", numbers)
    }
    assert len(cited) > 50
    assert sorted(cite for cite in cited if cite[1] not in rules) == []
