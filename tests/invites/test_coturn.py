"""A real coturn grants a relay to the credentials that the API gives out, and to no others."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from activity.actors import Actor
from invites.services import create_code
from rooms.turn import ice_servers
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.invites.stun import RefusedError, allocate, answers
from tests.services import need_coturn
from tests.site import wait_until
from tests.smtp_sink import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.service]
SECRET = "a-secret-that-both-sides-know"
CONFIGURATION = """
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
use-auth-secret
static-auth-secret={secret}
realm=example.org
userdb={folder}/turndb
pidfile={folder}/turnserver.pid
log-file=stdout
simple-log
no-cli
no-tls
no-dtls
"""


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    need_coturn()
    folder, address = tmp_path_factory.mktemp("coturn"), ("127.0.0.1", free_port())
    configuration = folder / "turnserver.conf"
    configuration.write_text(CONFIGURATION.format(port=address[1], secret=SECRET, folder=folder))
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(["turnserver", "-c", configuration], stdout=output, stderr=output)
        try:
            wait_until(lambda: _is_ready(process, address, log), 30, "turnserver answers")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _is_ready(process: subprocess.Popen[bytes], address: tuple[str, int], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return answers(address)


@pytest.fixture(autouse=True)
def _same_secret(settings: Any, coturn: tuple[str, int]) -> None:
    settings.TURN_URIS, settings.TURN_SECRET = [f"turn:127.0.0.1:{coturn[1]}?transport=udp"], SECRET


def ask(coturn: tuple[str, int], server: dict[str, Any]) -> tuple[str, int]:
    assert server["uris"] == [f"turn:127.0.0.1:{coturn[1]}?transport=udp"]
    return allocate(coturn, server["username"], server["password"])


def is_relay(address: tuple[str, int]) -> bool:
    return address[0] == "127.0.0.1" and address[1] >= 49152


def test_person_gets_a_relay(coturn: tuple[str, int]) -> None:
    server = Api(factories.user()).get("/v1/turn").json()[0]
    assert is_relay(ask(coturn, server))


def test_guest_gets_a_relay(coturn: tuple[str, int]) -> None:
    circle = Circle()
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    server = Api(authorization=f"Bearer {code.code}").get("/v1/turn").json()[0]
    assert is_relay(ask(coturn, server))


def test_credentials_by_another_secret_are_refused(coturn: tuple[str, int], settings: Any) -> None:
    settings.TURN_SECRET = "another"
    with pytest.raises(RefusedError, match="401"):
        ask(coturn, ice_servers(timezone.now())[0])


def test_credentials_of_yesterday_are_refused(coturn: tuple[str, int]) -> None:
    with pytest.raises(RefusedError, match="401"):
        ask(coturn, ice_servers(timezone.now() - timedelta(days=1, seconds=60))[0])


def test_expiry_cannot_be_put_off(coturn: tuple[str, int]) -> None:
    server = ice_servers(timezone.now())[0]
    with pytest.raises(RefusedError, match="401"):
        ask(coturn, server | {"username": f"9{server['username']}"})
