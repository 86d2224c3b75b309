"""Whether a mail comes from whom its From names, as far as our own mail server says so (RFC 8601)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calendars.addresses import ascii_address, canonical
from calendars.lines import plain_line

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAME = re.compile(r"[\w.@+-]*")
_MAILBOX = re.compile(r"[^<>]*<\s*([^\s<>@,;]+@[^\s<>@,;]+)\s*>\s*|\s*([^\s<>@,;]+@[^\s<>@,;]+)\s*")
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)(?:/\d+)?\s*=\s*(\w+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header|smtp)\.(from|d|i|mailfrom)\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_MOST_HEADERS = 20
# What says nothing about the sender either way.
_UNDECIDED = frozenset({"none", "bestguesspass"})


@dataclass(frozen=True)
class _Result:
    method: str
    is_pass: bool
    word: str
    domains: tuple[str, ...]


def sender_of(headers: Sequence[str]) -> str:
    """The one address of the one From header, canonical; "" where people could read another one than programs."""
    if len(headers) != 1:
        return ""
    found = _MAILBOX.fullmatch(_COMMENT.sub("", _QUOTED.sub("", headers[0])))
    return canonical(plain_line(found.group(1) or found.group(2)))[:255] if found else ""


def is_proven(sender: str, headers: Iterable[tuple[str, str]], *, servers: Sequence[str]) -> bool:
    """By DMARC, else by a signature or an envelope sender of the address's own domain.

    `servers` are the authserv-ids whose word counts; nobody's does where there are none.
    """
    domain = ascii_address(sender).rpartition("@")[2]
    results = _results(headers, {name.lower() for name in servers})
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(not result.is_pass and result.word not in _UNDECIDED for result in dmarc):
        return False
    if any(result.is_pass and set(result.domains) <= {domain} for result in dmarc):
        return bool(domain)
    return any(
        result.is_pass and any(_is_within(domain, other) for other in result.domains)
        for result in results
        if result.method != "dmarc"
    )


def _results(headers: Iterable[tuple[str, str]], servers: set[str]) -> list[_Result]:
    """Of the topmost header of ours and those beside it: what stands below a Received came from outside."""
    found: list[_Result] = []
    is_inside, count = False, 0
    for name, value in headers:
        if name.lower() == "received" and is_inside:
            break
        if name.lower() != "authentication-results" or (count := count + 1) > _MOST_HEADERS:
            continue
        server, *told = _COMMENT.sub("", _QUOTED.sub(_unquoted, value)).split(";")
        if (server.split() or [""])[0].lower() in servers:
            is_inside = True
            found += filter(None, map(_result, told))
    return found


def _unquoted(quoted: re.Match[str]) -> str:
    """A name; not what senders chose themselves, in whose quoted mailbox another result may stand."""
    text = quoted.group()[1:-1]
    return text if _NAME.fullmatch(text) else ""


def _result(text: str) -> _Result | None:
    found = _RESULT.match(text)
    if not found:
        return None
    method, word = found.group(1).lower(), found.group(2).lower()
    wanted = {"dmarc": {"from"}, "dkim": {"d", "i"}, "spf": {"mailfrom"}}[method]
    named = [value for _kind, name, value in _PROPERTY.findall(text) if name.lower() in wanted]
    domains = tuple(value.rpartition("@")[2].lower().rstrip(".") for value in named)
    return _Result(method, word == "pass", word, domains)


def _is_within(domain: str, other: str) -> bool:
    """Who signs for a domain signs for those below it, but for no other in them."""
    return "." in other and (domain == other or domain.endswith(f".{other}"))
