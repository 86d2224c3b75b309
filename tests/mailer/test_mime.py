"""The bytes of a mail, held against what the standard library writes of the same mail (RFC 2045 to 2047, RFC 5322)."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest

from mailer.kinds import PROTOCOL, to_json
from mailer.messages import MARK
from mailer.mime import Mail, mailbox
from mailer.models import OutgoingMail
from mailer.render import render
from mailer.samples import SHAPES, sample
from tests.mailer.test_hostile_texts import TEXTS
from tests.sweeps import sweep


def sent(kind: str, shape: str, language: str) -> Mail:
    message = sample(kind, shape, language)
    return render(OutgoingMail(kind=kind, message=to_json(message), address="x@example.com"))


def plain(**fields: Any) -> Mail:
    values = {
        "subject": "Hello",
        "body": "Text",
        "from_email": "a@example.com",
        "to": ["b@example.com"],
        "headers": {"Message-ID": "<1@example.com>"},
    }
    return Mail(**values | fields)


def test_what_is_the_receivers_own_is_encoded_like_the_rest() -> None:
    """Within the lines of the text that all receivers share."""
    token = "Xd4s6JdITs2XqYoxH_9ZrwpfKmth9_9uHlUeXw:" + "Ab-_" * 20
    shared = f"Grüße {MARK}: {'é' * 60}{MARK}\n{MARK}\n"
    mail = plain(body=shared.replace(MARK, token))
    mail.own_text = token
    data, alone = mail.message().as_bytes(), plain(body=mail.body).message().as_bytes()
    told, expected = ("".join(item.get_content() for item in parsed(one).iter_parts()) for one in (data, alone))
    assert told == expected
    assert told.replace("\r\n", "\n") == mail.body
    assert max(len(line) for line in data.split(b"\r\n")) <= 76


def parsed(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def read(mail: EmailMessage) -> tuple[Any, ...]:
    """Headers, the tree, and what the parts hold."""
    headers = {name: str(value) for name, value in mail.items() if name not in ("Date", "Content-Type")}
    tree = [part.get_content_type() for part in mail.walk()]
    contents = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    files = [part.get_filename() for part in mail.walk()]
    methods = [part.get_param("method") for part in mail.walk()]
    return headers, tree, [content.replace(b"\r\n", b"\n").rstrip() for content in contents], files, methods


def written_by_the_standard_library(mail: Mail) -> bytes:
    # It folds some encoded names so that they read as another (python/cpython#121284): not at all, then.
    found = EmailMessage(policy.SMTP.clone(max_line_length=9999))
    found.set_content(mail.body, cte="quoted-printable")
    alternatives = [(str(content), kind.removeprefix("text/")) for content, kind in mail.alternatives]
    for content, subtype in alternatives:
        found.add_alternative(content, subtype=subtype, charset="utf-8", cte="base64")
    if not alternatives:
        found.make_alternative()
    for name, content, kind in mail.attachments:
        found.add_attachment(content, *kind.split("/"), filename=name)
    addresses = {"From": mail.from_email, "To": ", ".join(mail.to), "Reply-To": ", ".join(mail.reply_to)}
    for name, value in {**addresses, "Subject": mail.subject, **mail.extra_headers}.items():
        if value:
            found[name] = value
    return found.as_bytes()


def assert_says_the_same(mail: Mail) -> None:
    ours, theirs = mail.message().as_bytes(), written_by_the_standard_library(mail)
    assert read(parsed(ours)) == read(parsed(theirs))
    assert ours.isascii()
    assert not re.search(rb"[^\r]\n", ours)
    assert max(map(len, ours.split(b"\r\n"))) <= 998
    assert max(map(len, ours.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78


@sweep("kind", PROTOCOL, fast=4)
@sweep("shape", SHAPES, fast=3)
def test_mail_says_what_the_standard_library_would_write(kind: str, shape: str) -> None:
    assert_says_the_same(sent(kind, shape, "fr"))


@pytest.mark.parametrize("text", [shown for _written, shown in TEXTS])
def test_any_text_arrives(text: str) -> None:
    mail = plain(
        subject=text, body=f"{text}\nFrom here on\n.\n--=_mixed\n{text}\t \n", to=[f'"{"x" * 60}" <b@example.com>']
    )
    mail.attach_alternative(f"<p>{text}</p>", "text/html")
    assert_says_the_same(mail)


@pytest.mark.parametrize("text", ["Größe der Übersicht, " * 12, "ü" * 300, "🎉 " * 100, "Geändert: " + "w" * 290])
def test_long_texts_in_headers_are_words_of_75_characters(text: str) -> None:
    """RFC 2047 2, and no line of a header is empty (RFC 5322 3.2.2)."""
    text = text.strip()
    data = plain(subject=text, to=[mailbox(text, "b@example.com")]).message().as_bytes()
    lines = data.partition(b"\r\n\r\n")[0].decode().splitlines()
    assert [line for line in lines if len(line) > 78 or line.endswith(": ")] == []
    assert [word for line in lines for word in re.findall(r"=\?\S*", line) if len(word) > 75] == []
    mail = message_from_bytes(data)
    assert str(make_header(decode_header(mail["Subject"]))) == text
    assert str(make_header(decode_header(mail["To"]))) == f"{text} <b@example.com>"


def test_file_keeps_its_bytes() -> None:
    mail = plain()
    mail.attach("all.bin", bytes(range(256)) * 20, "application/octet-stream")
    (file,) = parsed(mail.message().as_bytes()).iter_attachments()
    assert (file.get_filename(), file.get_payload(decode=True)) == ("all.bin", bytes(range(256)) * 20)


@pytest.mark.parametrize("fields", [{"subject": "a\nBcc: c@example.com"}, {"headers": {"X-A": "a\r\nX-B: b"}}])
def test_header_of_two_lines_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one line"):
        plain(**fields).message()


def test_what_is_changed_afterwards_is_sent() -> None:
    """As the backend for Amazon SES does."""
    written = plain(headers={"X-A": "a"}).message()
    del written["X-A"]
    written["X-B"] = "b"
    assert "X-A" not in written
    assert b"X-B: b\r\n" in written.as_bytes()
    assert b"X-A" not in written.as_bytes()
