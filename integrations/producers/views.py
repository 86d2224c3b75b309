"""v1/services/activity: reports of services, as CloudEvents."""

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from integrations.producers import catalogue
from integrations.producers.authentication import IsProducer, NoProducer, producer_of
from integrations.producers.envelopes import Envelope, from_headers, read
from integrations.producers.models import Producer
from integrations.producers.parsers import BatchParser, CloudEventParser, ReportParser
from integrations.producers.serializers import (
    MOST_KINDS,
    MOST_REPORTS,
    CloudEventInput,
    KindAnswer,
    ResultAnswer,
    kind_answer,
    result_answer,
)
from integrations.producers.services import accept_reports, invalid
from rest import fields
from rest.errors import InvalidJson, PayloadOverflow
from rest.schema import may_raise
from users.authentication import ServiceAuthentication, ServiceRequest


class ActivityView(APIView):
    authentication_classes = (ServiceAuthentication,)
    permission_classes = (IsProducer,)
    parser_classes = (ReportParser, CloudEventParser, BatchParser)

    @may_raise(NoProducer)
    @extend_schema(
        summary="Report what happened",
        request={
            "application/json": CloudEventInput,
            "application/cloudevents+json": CloudEventInput,
            "application/cloudevents-batch+json": fields.several(CloudEventInput, MOST_REPORTS),
        },
        responses=fields.several(ResultAnswer, MOST_REPORTS),
    )
    def post(self, request: ServiceRequest) -> Response:
        """For services with a role such as `produce:call_record`. One CloudEvent 1.0, or an array of at most 500 in at
        most 1 MiB; in binary mode the attributes are in ce-* headers and the body is the data. Each report is judged
        by itself, and the same `source` and `id` again is a duplicate.
        """
        producer = producer_of(request)
        items = _items(request)
        extra = cache(catalogue.every)
        read_ones = [read(item, extra, request.user.roles) for item in items]
        verdicts = iter(_accepted(producer, [one for one in read_ones if isinstance(one, Envelope)]))
        return Response(
            [
                result_answer(item, next(verdicts) if isinstance(one, Envelope) else invalid(*one))
                for item, one in zip(items, read_ones, strict=True)
            ]
        )


class ActivityKindsView(APIView):
    authentication_classes = (ServiceAuthentication,)
    permission_classes = (IsProducer,)

    @may_raise(NoProducer)
    @extend_schema(summary="The kinds of reports", responses=fields.several(KindAnswer, MOST_KINDS))
    def get(self, request: ServiceRequest) -> Response:
        """With the JSON Schema of their data (draft 2020-12)."""
        producer_of(request)
        return Response([kind_answer(kind) for _name, kind in sorted(catalogue.every().items())])


def _accepted(producer: Producer, envelopes: list[Envelope]) -> list[Any]:
    if not envelopes:
        return []
    return accept_reports(producer=producer, envelopes=envelopes, actor=Actor.by_service(producer.name))


def _items(request: ServiceRequest) -> list[Any]:
    """Raises InvalidJson, PayloadOverflow."""
    data = request.data
    if "ce-id" in request.headers or "ce-specversion" in request.headers:
        return [from_headers(request.headers, data)]
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type == CloudEventParser.media_type and isinstance(data, list):
        raise InvalidJson("This content type is for one report: several are application/cloudevents-batch+json")
    if media_type == BatchParser.media_type and not isinstance(data, list):
        raise InvalidJson("This content type is for an array of reports")
    items = data if isinstance(data, list) else [data]
    if len(items) > MOST_REPORTS:
        raise PayloadOverflow(f"At most {MOST_REPORTS} reports at once")
    return items
