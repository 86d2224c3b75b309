"""users/me/answer_mails: how often somebody is mailed about answers to their meetings."""

from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events.digest_models import Digest
from events.serializers.reminders import AnswerMails, AnswerMailsInput
from events.services.digests import set_digest
from users.authentication import UserRequest


class AnswerMailsView(APIView):
    @extend_schema(
        summary="Get how often you are mailed about answers",
        description="Of the answers to all meetings that you have planned.",
        responses=AnswerMails,
    )
    def get(self, request: UserRequest) -> Response:
        return Response(_resource(Digest.objects.filter(user=request.user).first() or Digest()))

    @extend_schema(
        summary="Set how often you are mailed about answers",
        description="One mail has all new answers. A proposal of another time does not wait, unless it is `off`.",
        request=AnswerMailsInput,
        responses={200: AnswerMails},
    )
    def put(self, request: UserRequest) -> Response:
        data = AnswerMailsInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        at = time.fromisoformat(given["at"]) if "at" in given else None
        digest = set_digest(user=request.user, actor=Actor.by_api(request.user), frequency=given["frequency"], at=at)
        return Response(_resource(digest))


def _resource(digest: Digest) -> dict[str, Any]:
    return {"frequency": digest.frequency, "at": f"{digest.at:%H:%M}"}
