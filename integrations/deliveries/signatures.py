"""The headers by which a receiver knows that a body is ours and whole: one signature for each key that is valid."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime

from integrations.deliveries.keys import PREFIX
from integrations.deliveries.models import Endpoint


def headers(signature: str, keys: Sequence[str], *, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Standard Webhooks, and the header of the endpoint's vocabulary; without a key nothing is signed."""
    seconds = str(int(at.timestamp()))
    found = {"webhook-id": message_id, "webhook-timestamp": seconds}
    if not keys:
        return found
    signed = f"{message_id}.{seconds}.".encode() + body
    found["webhook-signature"] = " ".join(f"v1,{_base64(_raw(key), signed)}" for key in keys)
    return found | OWN[signature](keys, body)


def _cronofy(keys: Sequence[str], body: bytes) -> dict[str, str]:
    """No space after the comma: most receivers split without trimming. The key is the text itself."""
    return {"Cronofy-HMAC-SHA256": ",".join(_base64(key.encode(), body) for key in keys)}


def _webex(keys: Sequence[str], body: bytes) -> dict[str, str]:
    """There is room for one signature, so the newest key signs."""
    return {"X-Spark-Signature": hmac.new(keys[0].encode(), body, hashlib.sha1).hexdigest()}


OWN: dict[str, Callable[[Sequence[str], bytes], dict[str, str]]] = {
    Endpoint.Signature.CRONOFY: _cronofy,
    Endpoint.Signature.WEBEX: _webex,
}


def _base64(key: bytes, data: bytes) -> str:
    return base64.b64encode(hmac.digest(key, data, "sha256")).decode()


def _raw(key: str) -> bytes:
    """What Standard Webhooks signs with: behind the prefix stands base64. Another secret is taken as it is."""
    if not key.startswith(PREFIX):
        return key.encode()
    try:
        return base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return key.encode()
