"""What a client is told when a signal to Janus leads nowhere: by the module media, and by signaling/peers.py."""

import uuid
from typing import Any

_ERRORS = {
    "publish": "invalid_sdp_offer",
    "subscribe": "invalid_request_offer",
    "resubscribe": "invalid_request_offer",
    "sdp_answer": "handle_sdp_answer",
    "sdp_candidate": "invalid_candidate",
    "sdp_end_of_candidates": "invalid_end_of_candidates",
    "configure": "invalid_configure_request",
}


def refused(action: str, source: uuid.UUID, kind: str) -> dict[str, Any]:
    """`source` is whose stream it was about, `kind` which of theirs."""
    return {"message": "error", "error": _ERRORS[action], "source": source, "media_session_type": kind}
