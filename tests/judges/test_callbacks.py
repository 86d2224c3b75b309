"""The libraries that receivers use in Node accept what arrives; the Python ones are asked in tests/integrations."""

import json
import subprocess
from typing import Any

import pytest

from integrations.deliveries.keys import rotate_key, signing_values
from integrations.deliveries.send import deliver_due
from tests.integrations.conftest import allowed, receiver  # noqa: F401 - pytest finds fixtures by their names
from tests.integrations.deliveries.outbox import endpoint_at, queued
from tests.judges.node import HERE, installed
from tests.local_server import LocalServer

pytestmark = [pytest.mark.judge, pytest.mark.django_db]
BODY = '{"notification":{"type":"smart_invite"},"näme":"\u2028 ü"}'
REFUSED = {"cronofy": False, "standardwebhooks": False}
ACCEPTED = {"cronofy": True, "standardwebhooks": True}


def judged(asked: list[dict[str, Any]]) -> Any:
    command = ["node", str(HERE / "verify.cjs"), str(installed(HERE))]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cronofy_and_standardwebhooks_accept_either_key(receiver: LocalServer) -> None:  # noqa: F811
    endpoint = endpoint_at(f"{receiver.url}/callback")
    (old,) = signing_values(endpoint.ring_id)
    new = rotate_key(ring=endpoint.ring)
    queued(endpoint, body=BODY.encode())
    deliver_due()
    (asked,) = receiver.asked
    assert asked.body == BODY.encode()
    headers = {name.lower(): value for name, value in asked.headers.items()}
    other = rotate_key(ring=endpoint.ring)
    by_key = [{"headers": headers, "body": BODY, "key": key} for key in (old, new, other)]
    changed = {"headers": headers, "body": BODY + " ", "key": new}
    assert judged([*by_key, changed]) == [ACCEPTED, ACCEPTED, REFUSED, REFUSED]
