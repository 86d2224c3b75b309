"""How cospace speaks: the base of its views."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from activity.actors import Actor
from integrations.cospace import errors
from integrations.cospace.authentication import IsSignedIn, SessionAuthentication, SessionRequest
from rest.parsers import JSONParser


class AnyTypeParser(JSONParser):
    """JSON, whatever type the client says it is: the seed's clients say none, or a form's."""

    media_type = "*/*"


class JsonAlways(BaseContentNegotiation):
    """Whatever the client says it accepts: refusing it would take another status than 200."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class CospaceView(APIView):
    """A method validates, looks up by access.py, calls one service, and returns the answer's members as a dict:
    `status: ok` is added. Whatever it raises becomes a status with a message (errors.py). Every answer is HTTP 200.

        class TagView(CospaceView):
            def post(self, request: SessionRequest, tag_id: uuid.UUID) -> Json:
                values = self.body(TagSerializer)
                tag = update_tag(tag=access.writable_tag(request.user, tag_id), actor=self.actor, **values)
                return {"tag": told(tag)}

    `self.body` and `self.query` return what the serializer has validated; `request.auth` is the Session. A view that
    takes files names its own `parser_classes`, and one that answers a file returns Django's response.
    """

    authentication_classes: Any = (SessionAuthentication,)
    permission_classes: Any = (IsSignedIn,)
    parser_classes: Any = (AnyTypeParser,)
    content_negotiation_class = JsonAlways
    schema = None  # docs/cospace.md describes it, not the OpenAPI document of the controller's API

    @property
    def actor(self) -> Actor:
        return Actor.by_api(self.request.user)

    def body(self, serializer_class: type[Serializer[Any]], **options: Any) -> dict[str, Any]:
        return _validated(serializer_class(data=self.request.data, **options))

    def query(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """Of several values of one name the last counts."""
        return _validated(serializer_class(data=self.request.query_params.dict()))

    def get_exception_handler(self) -> Any:
        return errors.answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        if isinstance(response, dict):
            response = Response({"status": "ok"} | response)
        done = super().finalize_response(request, response, *args, **kwargs)
        done.headers.setdefault("Cache-Control", "no-store")
        return done


Json = dict[str, Any]


class UnknownCallView(CospaceView):
    """Every other path below /api."""

    permission_classes = ()
    authentication_classes = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.http_method_names = []
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return Response({"status": "not-found", "message": "There is no such call"})


def seconds(time: datetime) -> int:
    """As cospace tells times: since 1970."""
    return int(time.timestamp())


def _validated(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


__all__ = ["CospaceView", "Json", "SessionRequest", "UnknownCallView", "seconds"]
