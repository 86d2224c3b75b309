"""A session's sid in `Authorization: Bearer`, `?sid=` or the cookie `sid`, in this order -> its person and it."""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from integrations.cospace import sessions
from integrations.cospace.errors import NoAuth, NoSession, WrongOrigin
from integrations.cospace.models import Session
from rest.errors import ApiError
from users.models import User

COOKIE = "sid"
LONGEST_SID = 200


class SessionRequest(Request):
    """What a view gets whose permission is IsSignedIn: only the types are new."""

    user: User
    auth: Session


class SessionAuthentication(BaseAuthentication):
    errors: ClassVar[tuple[type[ApiError], ...]] = (NoSession, NoAuth, WrongOrigin)

    def authenticate(self, request: Request) -> tuple[Any, Session] | None:
        """Raises NoSession for a sid that opens nothing, WrongOrigin for a page that did not begin the session."""
        sid = sid_of(request)
        if not sid:
            return None
        session = sessions.found(sid)
        if session is None:
            raise NoSession
        origin = request.headers.get("Origin", "")
        # A browser leaves it out of what it reads from its own site; what began so belongs to our own pages.
        if origin and origin != (session.origin or settings.BASE_URL):
            raise WrongOrigin
        sessions.note_call(session)
        return session.user, session


def sid_of(request: Request) -> str:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    sid = token.strip() if scheme.lower() == "bearer" else ""
    sid = sid or request.query_params.get("sid", "") or request.COOKIES.get(COOKIE, "")
    return sid[:LONGEST_SID]


class HasSession(BasePermission):
    """Whoever began a session."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, Session):
            raise NoSession
        return True


class IsSignedIn(HasSession):
    """Whoever signed in to one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        if request.auth.user is None:
            raise NoAuth
        return True
