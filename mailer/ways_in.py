"""How to join a meeting: its link, phone numbers, shared folder and live streams."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext

from calendars.lines import plain_line
from mailer import links
from mailer.messages import RegisteredUser
from mailer.protocol import CallIn, EventMessage, SharedFolder

_LONGEST_GROUP = 4
# Country calling codes of one and of two digits (ITU-T E.164); all others have three.
_ONE_DIGIT = re.compile(r"[17]")
_TWO_DIGITS = re.compile(r"2[07]|3[0123469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


@dataclass(frozen=True)
class Row:
    """Something to join with; `href` is "" where there is nothing to click, `plain` what programs read in a text."""

    label: str
    text: str
    href: str = ""
    plain: str = ""

    @property
    def line(self) -> str:
        """For plain text, where an address is not behind its name."""
        shows_address = self.href.startswith("http") and self.href != self.text
        value = f"{self.text} {self.href}" if shows_address else self.plain or self.text
        return gettext("%(label)s: %(value)s") % {"label": self.label, "value": value}


def ways_in(message: EventMessage) -> list[list[Row]]:
    """In groups that belong together; the room's own link is the first row of the first."""
    event, link = message.event, links.join_link(message)
    room = [_row(gettext("Join"), link, link)]
    if event.room.password and not isinstance(message.invitee, RegisteredUser):
        room.append(_row(gettext("Password"), event.room.password))
    groups = [room]
    if event.call_in is not None:
        groups.append(_by_phone(event.call_in))
    if event.shared_folder is not None:
        groups.append(_folder(event.shared_folder))
    streams = event.streaming_targets
    groups.append([_row(gettext("Live stream"), item.name, links.web_link(item.public_url)) for item in streams])
    return [group for group in groups if group]


def _row(label: str, text: str, href: str = "", plain: str = "") -> Row:
    return Row(label, plain_line(text), plain_line(href), plain_line(plain))


def _by_phone(call_in: CallIn) -> list[Row]:
    """Each number can be tapped: the first dials the conference, the last its id and PIN as well."""
    number, code, pin = _readable(call_in.sip_tel), grouped(call_in.sip_id), grouped(call_in.sip_password)
    at_once = links.phone_link(call_in)
    return [
        _row(gettext("By phone"), number, links.number_link(call_in.sip_tel)),
        _row(gettext("Conference ID"), code),
        _row(gettext("PIN"), pin),
        _row(gettext("One-tap dial-in"), f"{number},, {code},, {pin}", at_once, at_once.removeprefix("tel:")),
    ]


def _readable(number: str) -> str:
    """As it was given, where somebody has put blanks into it; else `+49 301 234 5678`."""
    digits = number.removeprefix("+")
    if digits == number or not (digits.isascii() and digits.isdecimal()):
        return number
    country = digits[: 1 if _ONE_DIGIT.match(digits) else 2 if _TWO_DIGITS.match(digits) else 3]
    return f"+{country} {grouped(digits.removeprefix(country))}"


def grouped(digits: str) -> str:
    """`123 456 7890`: groups of one length, the last ones a digit longer where that does not come out even."""
    count = -(-len(digits) // _LONGEST_GROUP) or 1
    length, longer = divmod(len(digits), count)
    groups, start = [], 0
    for number in range(count):
        end = start + length + (number >= count - longer)
        groups.append(digits[start:end])
        start = end
    return " ".join(groups)


def _folder(folder: SharedFolder) -> list[Row]:
    rows = []
    accesses = ((gettext("Shared folder"), folder.read), (gettext("Shared folder (editing)"), folder.read_write))
    for label, access in accesses:
        if access is not None:
            rows += [
                _row(label, access.url, links.web_link(access.url)),
                _row(gettext("Password of the folder"), access.password),
            ]
    return rows
