"""Receivers verify what we send with the helpers they have."""

import base64
import json
from datetime import UTC, datetime

import pycronofy
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from integrations.deliveries.signatures import headers

BODY = b'{"example":"well-known"}'
# Published by Cronofy: secret -> signature of BODY.
VECTORS = {
    "pDY0Oi7TJSP2hfNmZNkm5": "6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS+jv6c=",
    "CRN_NggYusqPGLxwjw5FHOJYOqSrTPNXy8WQf14OID": "5DxentQi5YSXODEzTVv06sRwJ3pULIz1KrYv20qxEK0=",
}
OURS = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLDER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()


def signed(*keys: str, signature: str = "cronofy", body: bytes = BODY) -> dict[str, str]:
    return headers(signature, keys, message_id="msg_1", body=body, at=datetime.now(UTC))


def test_published_vectors() -> None:
    for secret, expected in VECTORS.items():
        assert signed(secret)["Cronofy-HMAC-SHA256"] == expected
    assert signed(*VECTORS)["Cronofy-HMAC-SHA256"] == ",".join(VECTORS.values())


def test_published_vector_of_standard_webhooks() -> None:
    """Of the specification's reference implementations."""
    found = headers(
        "cronofy",
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        at=datetime.fromtimestamp(1614265330, UTC),
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-timestamp"] == "1614265330"


def test_webex_has_a_hexadecimal_sha1_of_the_newest_key() -> None:
    """RFC 2202 3, test case 2."""
    found = signed("Jefe", "older", signature="webex", body=b"what do ya want for nothing?")
    assert found["X-Spark-Signature"] == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert "Cronofy-HMAC-SHA256" not in found


def test_without_a_key_nothing_is_signed() -> None:
    assert set(signed()) == {"webhook-id", "webhook-timestamp"}


@pytest.mark.parametrize("keys", [[OURS], [OURS, OLDER], [OLDER, OURS]], ids=["one", "new and old", "old and new"])
def test_pycronofy_accepts_either_key(keys: list[str]) -> None:
    found = signed(*keys)["Cronofy-HMAC-SHA256"]
    for key in keys:
        assert pycronofy.Client(client_id="x", client_secret=key).hmac_valid(found, BODY.decode())
    assert not pycronofy.Client(client_id="x", client_secret="other").hmac_valid(found, BODY.decode())


@pytest.mark.parametrize("keys", [[OURS], [OURS, OLDER], [OLDER, OURS]], ids=["one", "new and old", "old and new"])
def test_standardwebhooks_accepts_either_key(keys: list[str]) -> None:
    found = signed(*keys)
    for key in keys:
        assert Webhook(key).verify(BODY, found) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(b"other").decode()).verify(BODY, found)
    with pytest.raises(WebhookVerificationError):
        Webhook(OURS).verify(BODY + b" ", found)
