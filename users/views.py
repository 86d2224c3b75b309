"""auth/login and users/… of the API."""

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from rest.errors import BadRequest, Forbidden, QueryTooShort
from users import access, oidc, services
from users.authentication import UserRequest
from users.serializers import (
    FoundUser,
    LoginAnswer,
    LoginInformation,
    LoginInput,
    PrivateUserProfile,
    UserInput,
    found_profile,
    private_profile,
)

MIN_QUERY_LENGTH = 3


class LoginView(APIView):
    """Where to sign in, and the sign-in itself. The frontend sends its ID token after each refresh, without header."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=LoginInformation)
    def get(self, request: Request) -> Response:
        return Response({"oidc": {"name": "default", "url": settings.OIDC_FRONTEND_ISSUER}})

    @extend_schema(request=LoginInput, responses=LoginAnswer)
    def post(self, request: Request) -> Response:
        data = LoginInput(data=request.data)
        data.is_valid(raise_exception=True)
        claims = oidc.read_claims(oidc.verify_id_token(data.validated_data["id_token"]))
        if not services.provision_user(claims=claims).is_active:
            raise Forbidden
        return Response({"permissions": []})


class MeView(APIView):
    @extend_schema(responses=PrivateUserProfile)
    def get(self, request: UserRequest) -> Response:
        return Response(private_profile(request.user, used_storage=access.used_storage(request.user)))

    @extend_schema(request=UserInput, responses={200: PrivateUserProfile, 204: None})
    def patch(self, request: UserRequest) -> Response:
        data = UserInput(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        if not data.validated_data:
            return Response(status=204)
        user = services.update_profile(user=request.user, actor=Actor.by_api(request.user), **data.validated_data)
        return Response(private_profile(user, used_storage=access.used_storage(user)))


class FindUsersView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True, description="At least 3 characters")],
        responses=FoundUser(many=True),
    )
    def get(self, request: UserRequest) -> Response:
        text = request.query_params.get("q")
        if text is None:
            raise BadRequest("The query parameter q is required")
        if len(text.strip()) < MIN_QUERY_LENGTH or "\0" in text:
            raise QueryTooShort
        return Response([found_profile(user) for user in access.find(request.user, text)])
