"""The small language that staff write mails in: `{{ name }}` and `{% if name %}…{% else %}…{% endif %}`, nothing else.

It names values and cannot reach into them: no attributes, filters, calls or loops. No text says what it was not given.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from calendars.lines import plain_text

MOST_PLACEHOLDERS = 100
DEEPEST = 5
_MARK = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}|\{\{|\}\}|\{%|%\}")
_SHOWN = 40  # letters of what is wrong that an error repeats


class TemplateTextError(ValueError):
    """Not of this language; the text names the line, and what is wrong there."""


@dataclass(frozen=True)
class Literal:
    text: str


@dataclass(frozen=True)
class Placeholder:
    name: str


@dataclass(frozen=True)
class Condition:
    name: str
    then: tuple["Node", ...]
    otherwise: tuple["Node", ...]


Node = Literal | Placeholder | Condition


def parse(text: str, names: Collection[str]) -> tuple[Node, ...]:
    """Raises TemplateTextError at the first mistake."""
    text = text.replace("\r\n", "\n")
    if plain_text(text) != text:
        raise TemplateTextError(gettext("Control characters and marks of direction cannot stand here."))
    return _Parser(text, names).nodes()


def filled(nodes: tuple[Node, ...], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of a placeholder's name, "" for what staff wrote themselves, and the text that stands there."""
    for node in nodes:
        match node:
            case Literal(text):
                yield "", text
            case Placeholder(name):
                yield name, values[name]
            case Condition(name, then, otherwise):
                yield from filled(then if values[name] else otherwise, values)


class _Parser:
    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text, self.names = text, names
        self.at = self.count = 0

    def nodes(self) -> tuple[Node, ...]:
        nodes, end = self._until(depth=0)
        if end is not None:
            raise self._error(gettext("“%(found)s” without an if") % {"found": end[0]}, end[1])
        return nodes

    def _until(self, depth: int) -> tuple[tuple[Node, ...], tuple[str, int] | None]:
        """The nodes up to an else or endif, with that and its place; None at the end of the text."""
        nodes: list[Node] = []
        while mark := _MARK.search(self.text, self.at):
            if mark.start() > self.at:
                nodes.append(Literal(self.text[self.at : mark.start()]))
            self.at = mark.end()
            if mark[1] is not None:
                nodes.append(Placeholder(self._known(mark[1].strip(), mark.start())))
            elif mark[2] is None:
                raise self._error(gettext("“%(found)s” alone") % {"found": mark[0]}, mark.start())
            elif (words := mark[2].split()) in (["else"], ["endif"]):
                return tuple(nodes), (words[0], mark.start())
            elif len(words) == 2 and words[0] == "if":
                nodes.append(self._condition(words[1], mark.start(), depth + 1))
            else:
                raise self._error(gettext("“%(found)s” is unknown") % {"found": mark[0][:_SHOWN]}, mark.start())
        if self.at < len(self.text):
            nodes.append(Literal(self.text[self.at :]))
            self.at = len(self.text)
        return tuple(nodes), None

    def _condition(self, name: str, place: int, depth: int) -> Condition:
        self._known(name, place)
        if depth > DEEPEST:
            raise self._error(gettext("more than %(most)d ifs in each other") % {"most": DEEPEST}, place)
        then, end = self._until(depth)
        otherwise: tuple[Node, ...] = ()
        if end is not None and end[0] == "else":
            otherwise, end = self._until(depth)
        if end is None:
            raise self._error(gettext("“if %(name)s” has no endif") % {"name": name}, place)
        if end[0] == "else":
            raise self._error(gettext("“if %(name)s” has a second else") % {"name": name}, end[1])
        return Condition(name, then, otherwise)

    def _known(self, name: str, place: int) -> str:
        if name not in self.names:
            raise self._error(gettext("“%(found)s” is no placeholder here") % {"found": name[:_SHOWN]}, place)
        self.count += 1
        if self.count > MOST_PLACEHOLDERS:
            raise self._error(gettext("more than %(most)d placeholders") % {"most": MOST_PLACEHOLDERS}, place)
        return name

    def _error(self, what: str, place: int) -> TemplateTextError:
        line = self.text.count("\n", 0, place) + 1
        return TemplateTextError(gettext("Line %(line)d: %(what)s.") % {"line": line, "what": what})
