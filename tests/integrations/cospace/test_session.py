"""Begin a session, sign in by password or token, end it; what a page of another origin gets."""

import pytest

from integrations.cospace import sessions
from integrations.cospace.models import Session
from tests import factories
from tests.integrations.cospace.client import Cospace

pytestmark = pytest.mark.django_db
ALICE = {"username": "alice", "password": factories.PASSWORD}


def test_begin_sign_in_and_end() -> None:
    alice = factories.user("alice")
    client = Cospace()
    begun = client.get("/api/session")
    sid = client.sid = begun["sid"]
    assert begun == {"status": "ok", "sid": sid, "server": "http://127.0.0.1:8000"}
    assert client.post("/api/session", ALICE) == {"status": "ok"}
    session = Session.objects.get()
    assert (session.user, session.sid_digest) == (alice, sessions.digest(sid))
    assert sid not in str(vars(session))
    assert client.delete("/api/session") == {"status": "ok"}
    assert not Session.objects.exists()
    assert client.call("DELETE", "/api/session")["status"] == "no-session"
