"""auth/… and users/… of the API."""

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.generic import View
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from rest import fields
from rest.errors import BadRequest, Forbidden, NotFound, ServiceUnavailable
from rest.fields import query_text
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.parsers import JSONParser
from rest.schema import may_raise, text_parameter
from users import access, avatars, services
from users.access import QueryTooShort
from users.authentication import UserRequest, sign_in
from users.oidc import tokens
from users.oidc.claims import InvalidClaims
from users.oidc.tokens import InvalidIdToken
from users.serializers import (
    FoundUser,
    LoginAnswer,
    LoginInformation,
    LoginInput,
    LogoutInput,
    PrivateUserProfile,
    PublicUserProfile,
    TariffResource,
    UserInput,
    found_profile,
    private_profile,
    public_profile,
)
from users.tariffs import InvalidTariffId, tariff_resource

LONGEST_QUERY = 255
MIN_QUERY_LENGTH = 3
AVATAR_SECONDS = 3600


class LoginView(APIView):
    """The address of the sign-in, and signing in with an ID token."""

    # The frontend sends its ID token after each refresh, without the header.

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(summary="Find where to sign in", responses=LoginInformation)
    def get(self, request: Request) -> Response:
        return Response({"oidc": {"name": "default", "url": settings.OIDC_FRONTEND_ISSUER}})

    @may_raise(InvalidIdToken, Forbidden, InvalidClaims, InvalidTariffId, ServiceUnavailable)
    @extend_schema(summary="Sign in with an ID token", request=LoginInput, responses={200: LoginAnswer})
    def post(self, request: Request) -> Response:
        data = LoginInput(data=request.data)
        data.is_valid(raise_exception=True)
        sign_in(data.validated_data["id_token"])
        return Response({"permissions": []})


class LogoutView(APIView):
    """Called by the identity provider when somebody signed out there (OpenID Connect Back-Channel Logout)."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (JSONParser, FormParser)

    @may_raise(BadRequest, ServiceUnavailable)
    @extend_schema(
        summary="End a person's sessions (called by the identity provider)", request=LogoutInput, responses={200: None}
    )
    def post(self, request: Request) -> Response:
        data = LogoutInput(data=request.data)
        data.is_valid(raise_exception=True)
        token = tokens.verify_logout_token(data.validated_data["logout_token"])
        until = datetime.fromtimestamp(token["iat"], UTC)
        for sub in tokens.subjects_of(token):
            services.end_sessions_of_subject(sub=sub, until=until)
        return Response(headers={"Cache-Control": "no-store"})


class MeView(APIView):
    @extend_schema(summary="Get your own profile", responses=PrivateUserProfile)
    def get(self, request: UserRequest) -> Response:
        """Includes members that only you can see."""
        return Response(private_profile(request.user, used_storage=access.used_storage(request.user)))

    @may_raise(BadRequest)
    @extend_schema(summary="Change your own profile", request=UserInput, responses={200: PrivateUserProfile, 204: None})
    def patch(self, request: UserRequest) -> Response:
        """Omitted members stay unchanged. Returns 204 if nothing is given."""
        data = UserInput(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        if not data.validated_data:
            return Response(status=204)
        user = services.update_profile(user=request.user, actor=Actor.by_api(request.user), **data.validated_data)
        return Response(private_profile(user, used_storage=access.used_storage(user)))


class MyTariffView(APIView):
    @extend_schema(summary="Get your own tariff", responses=TariffResource)
    def get(self, request: UserRequest) -> Response:
        """What it allows and this server supports."""
        return Response(tariff_resource(request.user.tariff))


class UsersView(APIView):
    @may_raise(NotFound)
    @extend_schema(
        summary="List the people of your tenant",
        parameters=PAGE_PARAMETERS,
        responses={200: fields.several(PublicUserProfile, MAX_PER_PAGE)},
    )
    def get(self, request: UserRequest) -> Response:
        """People who have signed in at least once, sorted by name."""
        page, people = Page(request), access.everybody(request.user)
        rows = [public_profile(user) for user in people[page.start : page.stop]]
        return page.response(rows, people.count())


class FindUsersView(APIView):
    @may_raise(QueryTooShort, NotFound)
    @extend_schema(
        summary="Find people by name or address",
        parameters=[text_parameter("q", LONGEST_QUERY, "At least 3 characters", required=True)],
        responses={200: fields.several(FoundUser, MAX_PER_PAGE)},
    )
    def get(self, request: UserRequest) -> Response:
        """People of your tenant who have signed in, then accounts that only the directory knows."""
        if "q" not in request.query_params:
            raise BadRequest("The query parameter q is required")
        text = query_text(request, "q", LONGEST_QUERY)
        # Wildcards of databases count as nothing: "%%%" would otherwise find everybody.
        text = text.replace("%", "").strip()
        if len(text) < MIN_QUERY_LENGTH:
            raise QueryTooShort
        return Response([found_profile(found) for found in access.find(request.user, text)])


class UserView(APIView):
    @extend_schema(summary="Get somebody's public profile", responses=PublicUserProfile)
    def get(self, request: UserRequest, user_id: uuid.UUID) -> Response:
        """For people in your tenant."""
        return Response(public_profile(access.readable(request.user, user_id)))


class UserAvatarView(View):
    """Needs no sign-in, because browsers load pictures without a token; the id reveals only two initials."""

    def get(self, request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
        return _picture(avatars.user_drawing(user_id))


class AddressAvatarView(View):
    """Of somebody who has no account here: a silhouette in a colour that the address decides."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return _picture(avatars.drawing(key))


def _picture(svg: str) -> HttpResponse:
    headers = {
        "Cache-Control": f"public, max-age={AVATAR_SECONDS}",
        # Opened as a page of its own it could run scripts, if there were any.
        "Content-Security-Policy": "default-src 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)
