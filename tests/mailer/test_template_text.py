"""The small language of the texts that staff write: what it takes, and what it refuses with the line and the name."""

import pytest

from mailer.template_text import DEEPEST, MOST_PLACEHOLDERS, TemplateTextError, filled, parse

VALUES = {"title": "Budget {{ inviter }} {% if x %} <b>", "inviter": "Ada", "when": ""}


def written(text: str) -> str:
    return "".join(part for _name, part in filled(parse(text, VALUES), VALUES))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Hello", "Hello"),
        ("{{ inviter }}", "Ada"),
        ("{{inviter}}/{{   inviter }}", "Ada/Ada"),
        ("{{ title }}", VALUES["title"]),  # a value is never read as a text of the language
        ("{% if inviter %}yes{% endif %}", "yes"),
        ("{% if when %}yes{% endif %}", ""),
        ("{% if when %}yes{% else %}no{% endif %}", "no"),
        ("{%if inviter%}{%if when%}a{%else%}b{%endif%}{%else%}c{%endif%}d", "bd"),
        ("one { two } three % four %d %(title)s $x {0} {#x#}", "one { two } three % four %d %(title)s $x {0} {#x#}"),
        ("a\r\nb", "a\nb"),
        ("<script>{{ inviter }}</script>", "<script>Ada</script>"),
    ],
)
def test_what_the_language_has(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{ nobody }}", "Line 1: “nobody” is no placeholder here."),
        ("one\ntwo {{ nobody }}", "Line 2: “nobody” is no placeholder here."),
        ("{% if nobody %}x{% endif %}", "Line 1: “nobody” is no placeholder here."),
        ("{{ title.pk }}", "Line 1: “title.pk” is no placeholder here."),
        ("{{ title|safe }}", "Line 1: “title|safe” is no placeholder here."),
        ("{{ title['x'] }}", "Line 1: “title['x']” is no placeholder here."),
        ("{{ __class__ }}", "Line 1: “__class__” is no placeholder here."),
        ("{{ }}", "Line 1: “” is no placeholder here."),
        ("{{ " + "x" * 5000 + " }}", f"Line 1: “{'x' * 40}” is no placeholder here."),
        ("{% include 'mail/_base.txt' %}", "Line 1: “{% include 'mail/_base.txt' %}” is unknown."),
        ("{% for x in title %}", "Line 1: “{% for x in title %}” is unknown."),
        ("{% if title == when %}x{% endif %}", "Line 1: “{% if title == when %}” is unknown."),
        ("{% if not title %}x{% endif %}", "Line 1: “{% if not title %}” is unknown."),
        ("{% if %}x{% endif %}", "Line 1: “{% if %}” is unknown."),
        ("{% elif title %}", "Line 1: “{% elif title %}” is unknown."),
        ("{% %}", "Line 1: “{% %}” is unknown."),
        ("a {{ title", "Line 1: “{{” alone."),
        ("a }} b", "Line 1: “}}” alone."),
        ("a\n\n{% if title", "Line 3: “{%” alone."),
        ("%} b", "Line 1: “%}” alone."),
        ("{{ title\n}}", "Line 1: “{{” alone."),
        ("{" * 5000, "Line 1: “{{” alone."),
        ("\n{% if title %}x", "Line 2: “if title” has no endif."),
        ("{% if title %}x{% else %}y", "Line 1: “if title” has no endif."),
        ("x{% endif %}", "Line 1: “endif” without an if."),
        ("x\n{% else %}", "Line 2: “else” without an if."),
        ("{% if title %}a{% else %}b{% else %}c{% endif %}", "Line 1: “if title” has a second else."),
        (
            "{% if title %}" * (DEEPEST + 1) + "{% endif %}" * (DEEPEST + 1),
            f"Line 1: more than {DEEPEST} ifs in each other.",
        ),
        ("{{ title }}" * (MOST_PLACEHOLDERS + 1), f"Line 1: more than {MOST_PLACEHOLDERS} placeholders."),
        ("a\x00b", "Control characters and marks of direction cannot stand here."),
        ("a\u202eb", "Control characters and marks of direction cannot stand here."),
        ("a\u2028b", "Control characters and marks of direction cannot stand here."),
    ],
)
def test_what_it_has_not(text: str, complaint: str) -> None:
    with pytest.raises(TemplateTextError) as refused:
        parse(text, VALUES)
    assert str(refused.value) == complaint


def test_refusing_the_largest_texts_takes_no_time() -> None:
    for text in ("{{ a " * 20_000, "{% if title %}" * 10_000, "{" * 100_000, "{{ title }}" * 10_000):
        with pytest.raises(TemplateTextError):
            parse(text, VALUES)
