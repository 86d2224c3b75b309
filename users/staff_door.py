"""Whether a session may be in the admin: how it was signed in, and whether that has ended since."""

from django.http import HttpRequest

from users import second_factor
from users.staff_sign_in import PASSED, SIGNED_IN_AT


def may_enter(request: HttpRequest) -> bool:
    """Asked by the admin's site at each of its pages, of staff who are not disabled; costs no statement."""
    user = request.user
    ended_at = getattr(user, "sessions_ended_at", None)
    if ended_at is not None and request.session.get(SIGNED_IN_AT, 0) <= ended_at.timestamp():
        return False
    return PASSED in request.session or not second_factor.is_needed(user)  # type: ignore[arg-type] # staff
