"""Every kind of activity is told in a sentence, in each language, without a word that only programs know."""

import dataclasses
import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models.signals import post_save
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.functional import Promise

from activity.history.entries import entries
from activity.history.fields import LABELS, SECRETS, label_of, model_of
from activity.history.wording import WORDING, Sentence, name_of
from activity.kind import Kind
from activity.kinds import KINDS
from activity.models import Activity
from tests import factories

LANGUAGES = [code for code, _name in settings.LANGUAGES]
ALWAYS = {"who", "meeting", "room", "object", "type"}
# What a kind can be about; the others are about one thing.
SUBJECTS = {"reminders.updated": ("event", "user", "reminder"), "setup": ("tariff",)}


def sentences(sentence: Sentence) -> list[Any]:
    """All that the kind can say: a choice keeps its sentences in what it closes over."""
    if not callable(sentence) or isinstance(sentence, Promise):
        return [sentence]
    held = [cell.cell_contents for cell in sentence.__closure__ or ()]
    inner = [item for value in held for item in (value.values() if isinstance(value, dict) else [value])]
    return [text for item in inner if isinstance(item, Promise) or callable(item) for text in sentences(item)]


def test_every_kind_has_a_wording() -> None:
    assert set(WORDING) == set(KINDS)


def test_sentences_name_what_the_kind_has() -> None:
    for name, kind in KINDS.items():
        known = ALWAYS | {member.name for member in dataclasses.fields(kind)}
        for text in sentences(WORDING[name].sentence):
            assert set(re.findall(r"%\((\w+)\)s", str(text))) <= known, (name, text)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_name_and_sentence_is_translated(code: str) -> None:
    texts = [text for wording in WORDING.values() for text in (wording.name, *sentences(wording.sentence))]
    with translation.override("en"):
        english = list(map(str, texts))
    with translation.override(code):
        assert [old for old, text in zip(english, texts, strict=True) if str(text) == old] == []


def test_two_kinds_are_not_called_the_same() -> None:
    for code in LANGUAGES:
        with translation.override(code):
            assert len({name_of(kind) for kind in KINDS}) == len(KINDS)


def sample(kind: type[Kind], subject_type: str) -> Activity:
    data = {member.name: _value(str(member.type), member.name) for member in dataclasses.fields(kind)}
    return Activity(
        occurred_at=timezone.now(), kind=kind.name, actor_kind="user", actor_name="Alice", via="api", data=data,
        subject_type=subject_type, subject_id=uuid.UUID(int=1), event_id=uuid.UUID(int=2), room_id=uuid.UUID(int=3),
    )  # fmt: skip


def _value(annotation: str, name: str) -> Any:
    if name == "occurrence":
        return "20261130T090000Z"
    if "int" in annotation or "bool" in annotation:
        return 3
    return [] if "list" in annotation else f"[{name}]"


@pytest.mark.django_db
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_is_told_to_people(code: str, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    request.user.tenant_id = None  # type: ignore[attr-defined]
    samples = [
        sample(kind, subject)
        for kind in KINDS.values()
        for subject in SUBJECTS.get(kind.name, SUBJECTS.get(kind.name.split(".")[0], ("event",)))
    ]
    with translation.override(code):
        for entry in entries(samples, request):
            kind = entry.activity.kind
            assert kind not in entry.sentence
            assert "%(" not in entry.sentence
            assert "None" not in entry.sentence, kind


def test_kinds_of_old_rows_are_still_shown() -> None:
    assert name_of("gone.kind") == "gone.kind"


@pytest.mark.django_db
def test_every_field_of_a_form_has_a_name_for_people(rf: RequestFactory) -> None:
    """Whatever staff change in the admin stands in the log by the name of its field."""
    request = rf.get("/")
    request.user = factories.staff()
    changed = [(model, rows) for model, rows in admin.site._registry.items() if rows.has_change_permission(request)]
    nameless = [
        f"{model._meta.model_name}.{name}"
        for model, rows in changed
        for name in rows.get_form(request, obj=model(), change=True).base_fields
        if label_of(model, name) is None
    ]
    assert nameless == []


def test_secrets_are_told_by_no_name() -> None:
    assert {"password", "client_secret", "api_key"} <= SECRETS


def test_labels_are_translatable() -> None:
    assert [name for name, label in LABELS.items() if not isinstance(label, Promise)] == []


def test_subject_types_are_models() -> None:
    for name in ("event", "room", "user", "tariff", "client", "mailtemplate", "reply", "eventinvite", "asset"):
        assert model_of(name) is not None


def test_what_services_record_is_watched() -> None:
    """tests/conftest.py looks at each activity of the whole suite."""
    assert any("watch_activities" in str(key) for key, *_rest in post_save.receivers)
