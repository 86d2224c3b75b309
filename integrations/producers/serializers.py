"""What producers send and get, for the API's description; reports are judged by `envelopes.py`."""

from typing import Any

from rest_framework import serializers

from integrations.producers.kinds import Produced
from integrations.producers.models import ID_LENGTH
from integrations.producers.schemas import LONGEST_MESSAGE, MOST_PROBLEMS, Json
from integrations.producers.services import Verdict
from rest import fields

MOST_REPORTS = 500
MOST_KINDS = 1000


class CloudEventInput(serializers.Serializer[Any]):
    """A report as a CloudEvent 1.0. What stands beside these members is not read."""

    id = fields.Text(min_length=1, max_length=ID_LENGTH)
    source = fields.Text(min_length=1, max_length=ID_LENGTH)  # type: ignore[assignment] # DRF has one, too
    specversion = fields.Text(max_length=3, required=False)
    type = fields.Text(max_length=64)
    subject = fields.Identifier(help_text="The object that the report is about")
    time = serializers.DateTimeField(help_text="In the last seven days")
    data = serializers.JSONField(help_text="As the kind's schema has it")  # type: ignore[assignment]


class ProblemAnswer(serializers.Serializer[Any]):
    pointer = serializers.CharField(max_length=1000, help_text="A JSON pointer into the report")
    message = serializers.CharField(max_length=LONGEST_MESSAGE)


class ResultAnswer(serializers.Serializer[Any]):
    """What became of one report. `id` and `source` are null where the report has none."""

    id = serializers.CharField(max_length=ID_LENGTH, allow_null=True)
    source = serializers.CharField(max_length=ID_LENGTH, allow_null=True)  # type: ignore[assignment]
    status = serializers.ChoiceField(["accepted", "duplicate", "invalid"])
    errors = fields.several(ProblemAnswer, MOST_PROBLEMS)  # type: ignore[assignment] # DRF has a member of this name


class KindAnswer(serializers.Serializer[Any]):
    """A kind of report: the role that it needs, the types of objects that it is about, the schema of its data."""

    type = serializers.CharField(max_length=64)
    description = serializers.CharField(max_length=1000)
    scope = serializers.CharField(max_length=80)
    about = serializers.ListField(child=serializers.CharField(max_length=16), max_length=20)
    schema = serializers.JSONField()


def result_answer(item: Any, verdict: Verdict) -> Json:
    def text(name: str) -> str | None:
        value = item.get(name) if isinstance(item, dict) else None
        return value[:ID_LENGTH] if isinstance(value, str) else None

    return {
        "id": text("id"),
        "source": text("source"),
        "status": verdict.status,
        "errors": [{"pointer": one.pointer[:1000], "message": one.message} for one in verdict.problems],
    }


def kind_answer(kind: Produced) -> Json:
    return {
        "type": kind.type,
        "description": kind.description,
        "scope": kind.scope,
        "about": sorted(kind.about),
        "schema": kind.schema,
    }
