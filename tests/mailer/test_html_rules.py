"""The HTML of every mail keeps to what Outlook (Word's engine), Gmail, Apple Mail and dark mode show alike."""

import colorsys
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings

from mailer.kinds import PROTOCOL
from mailer.preview import part, sample_mail
from mailer.samples import SHAPES

LANGUAGES = [code for code, _name in settings.LANGUAGES]

VOID = {"meta", "br", "img", "hr"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "h1", "h2", "strong", "del", "span", "div",
    "a", "br", "img",
}  # fmt: skip
# What Word and Gmail ignore or drop, and what fetches something.
FORBIDDEN_CSS = re.compile(
    r"flex|grid|position|float|url\(|@import|@font-face|expression|transform|calc\(|var\(|javascript|vw\b|vh\b|\brem\b"
)
FORBIDDEN_ATTRIBUTES = {"onclick", "onload", "srcset", "background", "id"}
GMAIL_CLIPS_AT = 102 * 1024
NARROW = 320


class Page(HTMLParser):
    """Elements with their attributes, and whether they close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(set(names)) == len(names), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.texts.append(data)


def check(html: str) -> None:
    """Fails where a rule is broken; of everything that a mail may hold, so that a golden needs no second look."""
    page = Page(html)
    assert page.open == []
    assert html.startswith("<!doctype html>")
    assert len(html.encode()) < GMAIL_CLIPS_AT
    for tag, attributes in page.elements:
        assert tag in TAGS, tag
        assert not FORBIDDEN_ATTRIBUTES & attributes.keys()
        check_element(tag, attributes)
    (sheet,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    check_sheet(sheet, {name for _tag, attributes in page.elements for name in attributes.get("class", "").split()})


def check_element(tag: str, attributes: dict[str, str]) -> None:
    style = attributes.get("style", "")
    assert not FORBIDDEN_CSS.search(style), style
    assert '"' not in style  # Outlook ends the attribute there
    for length in re.findall(r"(?<!max-)\b(?:min-)?width:\s*(\d+)px", style):
        assert int(length) <= NARROW
    match tag:
        case "html":
            assert attributes["lang"]
            assert attributes["dir"] in {"ltr", "rtl"}
        case "table":
            assert attributes.get("role") == "presentation"
            assert attributes.get("width", "100%") == "100%"
        case "img":
            assert "alt" in attributes
            assert attributes["src"].startswith("cid:")
        case "a":
            assert attributes["href"].startswith(("https://", "http://", "tel:", "mailto:"))
            assert "color:" in style
        case "td" if "class" in attributes and "text" in attributes["class"].split():
            assert "color:#20303f" in style


def check_sheet(sheet: str, used: set[str]) -> None:
    """One query for dark mode, of colours only: all that matters is inline, and the sheet may be lost.

    The same colours once more for Outlook's programs, behind their own marks.
    """
    match = re.fullmatch(r"\s*@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}\n(.*?)\s*", sheet, re.DOTALL)
    assert match
    colour = r"((?:background-|border-)?color): (#[0-9a-f]{6}) !important"
    dark = set()
    for line in match[1].splitlines():
        rule = re.fullmatch(rf"\.(\w+) \{{ ({colour}; ?)+\}}", line)
        assert rule, line
        assert rule[1] in {*used, "news", "link", "line", "soft"}
        dark |= {(rule[1], *declaration) for declaration in re.findall(colour, line)}
    outlook = set()
    for line in match[2].splitlines():
        rule = re.fullmatch(rf"\[data-ogs([bc])\] \.(\w+) \{{ ({colour}; ?)+\}}", line)
        assert rule, line
        for name, value in re.findall(colour, line):
            assert (rule[1] == "b") == (name == "background-color")
            outlook.add((rule[2], name, value))
    assert outlook == dark


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PROTOCOL)
def test_every_kind_keeps_the_rules(kind: str, language: str) -> None:
    check(part(sample_mail(kind, "recurring", language), "html").decode())


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_keeps_the_rules(shape: str) -> None:
    check(part(sample_mail("registered_event_update", shape, "de"), "html").decode())


def test_right_to_left_language_is_aligned_right(settings: object) -> None:
    settings.LANGUAGES = [("ar", "Arabic")]  # type: ignore[attr-defined]
    html = part(sample_mail("registered_event_invite", "single", "ar"), "html").decode()
    assert '<html lang="ar" dir="rtl">' in html
    assert 'align="left"' not in html
    check(html)


def test_mail_reads_well_without_any_style() -> None:
    """In the order of the plain text, with a word between what changed from and to."""
    html = part(sample_mail("registered_event_update", "recurring", "en"), "html").decode()
    text = " ".join(" ".join(Page(html).texts).split())
    assert text.startswith(
        "OpenTalk Dr. Ada Weber has changed this meeting. Budget 2027: A & B Before Budget Monday, 30 November 2026"
    )
    assert "Live streams none → Video site" in text
    assert text.index("What else has changed") < text.index("Join the meeting") < text.index("By phone")


def test_mail_is_headed_by_the_configured_name(settings: Any) -> None:
    settings.MAIL_PRODUCT_NAME = "Besprechungen & Co"
    html = part(sample_mail("registered_event_invite", "single", "en"), "html").decode()
    assert " ".join(Page(html).texts).split()[:3] == ["Besprechungen", "&", "Co"]


@pytest.mark.parametrize(
    "broken",
    [
        '<div style="display:flex">x</div>',
        '<div style="position:absolute">x</div>',
        "<script>x</script>",
        '<img src="https://example.org/x.png" alt="">',
        '<img src="cid:x">',
        "<table><tr><td>x</td></tr></table>",
        '<a href="javascript:x" style="color:#000000;">x</a>',
        '<td style="width:600px">x</td>',
        "<div><p></div>",
    ],
)
def test_linter_finds_what_breaks_a_rule(broken: str) -> None:
    html = part(sample_mail("registered_event_invite", "single", "en"), "html").decode()
    check(html)
    with pytest.raises(AssertionError):
        check(html.replace("</body>", f"{broken}</body>"))


# --- colours ---


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def turned(colour: str) -> str:
    """As programs that force dark mode do it: light is dark and dark is light, the hue stays."""
    hue, light, depth = colorsys.rgb_to_hls(*(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)))
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, 1 - light, depth))


class Colours(HTMLParser):
    """Each text's colour and the one behind it, as the inline styles say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = [("#000000", "#ffffff")]
        self.pairs: set[tuple[str, str]] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        style = dict(attrs).get("style") or ""
        front, back = self.stack[-1]
        for name, colour in re.findall(r"(?<![\w-])(background-color|color):(#[0-9a-f]{6})", style):
            front, back = (front, colour) if name == "background-color" else (colour, back)
        self.stack.append((front, back))

    def handle_endtag(self, tag: str) -> None:
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self.lasttag not in {"style", "title"}:
            self.pairs.add(self.stack[-1])


READABLE = 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("kind", ["registered_event_update", "registered_event_cancellation"])
def test_every_text_can_be_read_in_light_and_where_dark_mode_is_forced(kind: str) -> None:
    found = Colours(part(sample_mail(kind, "recurring", "en"), "html").decode()).pairs
    assert len(found) >= 2
    for front, back in found:
        assert contrast(front, back) >= READABLE, (front, back)
        assert contrast(turned(front), turned(back)) >= READABLE, (front, back)
