"""Which addresses that somebody typed may be fetched, as they are written."""

import ipaddress
from typing import Any

import pytest
from rest_framework.exceptions import ErrorDetail

from integrations.deliveries.guard import check_url
from rest.errors import ValidationFailed

# 127.0.0.1, 10.0.0.1, 192.168.1.1, 169.254.169.254 and their like, in all the ways that a resolver reads.
INSIDE = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0x7F.1", "0177.0.0.1",
    "017700000001", "00000177.1", "127.0.0.1.", "0", "0.0.0.0", "0x0", "localhost", "LOCALHOST", "localhost.",
    "app.localhost", "10.0.0.1", "10.1", "0xa000001", "167772161", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "192.168.257", "0xc0.0xa8.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[0:0:0:0:0:ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]",
    "[2001:db8::1]", "[2001::7f00:1]", "[fec0::1]",
]  # fmt: skip


def is_taken(url: str) -> bool:
    try:
        check_url(url)
    except ValidationFailed:
        return False
    return True


def test_address_inside_a_network_is_refused_however_it_is_written() -> None:
    assert [host for host in INSIDE if is_taken(f"https://{host}/callback")] == []


PUBLIC = [
    "https://example.org/callback",
    "https://example.org:8443/a?b=c",
    "https://example.org./",
    "https://xn--bcher-kva.example/",
    "https://93.184.215.14/",
    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
]


def test_public_address_is_taken() -> None:
    assert [url for url in PUBLIC if not is_taken(url)] == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "no http or https address"),
        ("example.org", "no http or https address"),
        ("ftp://example.org/", "no http or https address"),
        ("file:///etc/passwd", "no http or https address"),
        ("gopher://example.org/", "no http or https address"),
        ("https://", "no http or https address"),
        ("https://[::1", "no http or https address"),
        ("https://example.org:x/", "no http or https address"),
        ("https://example.org:0/", "no http or https address"),
        ("https://example.org/a b", "no http or https address"),
        ("https://example.org/\r\nHost: x", "no http or https address"),
        ("https://example.org\t/", "no http or https address"),
        ("https://example.org\\@evil.example/", "no http or https address"),
        ("https://bücher.example/", "no http or https address"),
        ("https://１２７.0.0.1/", "no http or https address"),
        ("https://ⓛocalhost/", "no http or https address"),
        ("https://example.org/" + "x" * 2000, "no http or https address"),
        ("http://example.org/", "must begin with https://"),
        ("https://user@example.org/", "a user or a password"),
        ("https://user:password@example.org/", "a user or a password"),
        ("https://@example.org/", "a user or a password"),
        ("https://example.org:22/", "a port that is not allowed"),
        ("https://example.org:80/", "a port that is not allowed"),
    ],
)
def test_other_addresses_are_refused(url: str, told: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_url(url, field="callback_url")
    (detail,) = refused.value.detail["callback_url"]
    assert isinstance(detail, ErrorDetail)
    assert detail.code == "invalid_url"
    assert told in str(detail)


def test_this_site_does_not_call_itself(settings: Any) -> None:
    settings.BASE_URL, settings.FRONTEND_URL = "https://meet.example.org", "https://front.example.org"
    settings.ALLOWED_HOSTS = ["*", ".other.example.org"]
    own = ["meet.example.org", "MEET.example.org.", "front.example.org", "other.example.org", "a.other.example.org"]
    assert [host for host in own if is_taken(f"https://{host}/v1/events")] == []


def test_operator_allows_more(settings: Any) -> None:
    settings.CALLBACK_ALLOW_HTTP, settings.CALLBACK_ALLOWED_PORTS = True, [443, 9000]
    settings.CALLBACK_ALLOWED_NETWORKS = [ipaddress.ip_network("10.1.0.0/16")]
    for url in ("http://example.org/", "http://example.org:9000/", "https://10.1.2.3/", "https://[::ffff:10.1.2.3]/"):
        check_url(url)
    with pytest.raises(ValidationFailed):
        check_url("https://10.2.0.1/")
