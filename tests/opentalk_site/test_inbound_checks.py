"""Settings for answers by mail that cannot go together."""

import pytest
from pytest_django import Settings

from opentalk_site import checks


@pytest.mark.parametrize(
    ("domain", "servers", "imap", "ids"),
    [
        ("", [], {}, []),
        ("in.example.org", ["mx.example.org"], {}, []),
        ("in.example.org", ["mx.example.org"], {"host": "h"}, []),
        ("in.example.org", [], {}, ["opentalk_site.W029"]),
        ("", [], {"host": "h"}, ["opentalk_site.W030"]),
    ],
)
def test_settings_beside_each_other(
    settings: Settings, domain: str, servers: list[str], imap: object, ids: list[str]
) -> None:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS, settings.INBOUND_IMAP = domain, servers, imap
    assert [found.id for found in checks.inbound(None)] == ids
