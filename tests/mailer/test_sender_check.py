"""Who a mail comes from, and whether our own mail server says so (RFC 8601, RFC 7489)."""

import pytest

from mailer.sender_check import is_proven, sender_of

BOB = "bob@mail.example.com"
SERVERS = ["mx.example.org"]


def proven(*results: str, sender: str = BOB, servers: list[str] = SERVERS) -> bool:
    """Headers as they stand in the mail; a plain text is a result of ours."""
    headers = [
        item.split(": ", 1) if ": " in item else ("Authentication-Results", f"mx.example.org; {item}")
        for item in results
    ]
    return is_proven(sender, [(name, value) for name, value in headers], servers=servers)


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("bob@example.com", "bob@example.com"),
        ("Bob <Bob@Example.COM>", "bob@example.com"),
        ('"Bob, of Berlin" <bob@example.com>', "bob@example.com"),
        ('"boss@bank.example" <bob@example.com>', "bob@example.com"),
        ("bob@example.com (Bob)", "bob@example.com"),
        ("=?utf-8?q?B=C3=B6b?= <bob@example.com>", "bob@example.com"),
        ("bob@bücher.example", "bob@bücher.example"),
        ("", ""),
        ("Bob", ""),
        ("bob@example.com, eve@example.net", ""),
        ("<eve@example.net> <bob@example.com>", ""),
        ("eve@example.net <bob@example.com>", "bob@example.com"),
        ("eve@example.net bob@example.com", ""),
        ("bob@example.com@example.net", ""),
        ("Group: bob@example.com;", ""),
    ],
)
def test_sender_is_the_one_address_of_the_from_header(header: str, sender: str) -> None:
    assert sender_of([header]) == sender


def test_two_from_headers_name_nobody() -> None:
    assert sender_of(["bob@example.com", "eve@example.net"]) == sender_of([]) == ""


@pytest.mark.parametrize(
    "results",
    [
        ["dmarc=pass header.from=mail.example.com"],
        ["dmarc=pass"],
        ["dmarc=PASS (p=none dis=none) header.from=MAIL.example.com"],
        ["dkim=pass header.d=mail.example.com header.s=x; spf=fail smtp.mailfrom=other.example"],
        ["dkim=pass header.i=@example.com"],
        ["dkim=fail header.d=example.com; dkim=pass header.d=example.com"],
        ["spf=pass (sender is permitted) smtp.mailfrom=bounces@example.com"],
        ["dmarc=none header.from=mail.example.com; dkim=pass header.d=mail.example.com"],
        ["dmarc=bestguesspass header.from=mail.example.com; spf=pass smtp.mailfrom=mail.example.com"],
        ["spf=none smtp.mailfrom=x.example", "dkim=pass header.d=example.com"],
        ["Authentication-Results: MX.example.org 1; dmarc=pass header.from=mail.example.com"],
        ['Authentication-Results: "mx.example.org"; dkim=pass header.d="example.com"'],
        ["Received: by us", "dmarc=pass header.from=mail.example.com", "Received: from outside"],
    ],
)
def test_proven(results: list[str]) -> None:
    assert proven(*results)


@pytest.mark.parametrize(
    "results",
    [
        [],
        ["none"],
        ["dmarc=fail header.from=mail.example.com; dkim=pass header.d=mail.example.com"],
        ["dmarc=temperror header.from=mail.example.com; dkim=pass header.d=mail.example.com"],
        ["dmarc=pass header.from=example.net"],
        ["dmarc=pass header.from=mail.example.com; dmarc=fail header.from=mail.example.com"],
        ["dkim=pass header.d=example.net"],
        ["dkim=pass header.d=com"],
        ["dkim=pass header.d=other.mail.example.com"],
        ["dkim=pass header.d=xmail.example.com"],
        ["dkim=pass"],
        ["dkim=neutral header.d=mail.example.com"],
        ["spf=pass smtp.helo=mail.example.com"],
        ["spf=softfail smtp.mailfrom=mail.example.com"],
        ["x=y (dmarc=pass header.from=mail.example.com)"],
        ['spf=pass smtp.mailfrom="x; dkim=pass header.d=mail.example.com z"@example.net'],
        ['spf=pass (for "); dkim=pass header.d=mail.example.com ("@example.net) smtp.mailfrom=example.net'],
        ['dkim=pass header.i="x header.d=mail.example.com z"@example.net'],
        ["Authentication-Results: mx.example.net; dmarc=pass header.from=mail.example.com"],
        ["X-Authentication-Results: mx.example.org; dmarc=pass header.from=mail.example.com"],
        [
            "spf=fail smtp.mailfrom=mail.example.com",
            "Received: from outside",
            "dmarc=pass header.from=mail.example.com",
        ],
    ],
)
def test_not_proven(results: list[str]) -> None:
    assert not proven(*results)


def test_nobody_is_believed_unless_named() -> None:
    assert not proven("dmarc=pass header.from=mail.example.com", servers=[])
    assert not proven("Authentication-Results: ; dmarc=pass header.from=mail.example.com", servers=[])


def test_domain_of_other_letters() -> None:
    assert proven("dmarc=pass header.from=xn--bcher-kva.example", sender="bob@bücher.example")
