"""Staff read names, in their language, where rows keep words of programs."""

import ast
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from activity.history.entries import entries
from activity.models import Activity
from mailer.kinds import KINDS
from operations.jobs import JOBS
from operations.models import JobRun
from staff import names
from tests import factories
from tests.staff.holding import Holding, browser_of, of_the_site
from tests.test_catalogues import sources
from users.models import Tariff

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
# What staff themselves write by these words.
KNOWN = {
    "max_storage": "quotas of tariffs are named so in the form and in the API",
    "x_gate": "a kind that staff themselves have registered",
}


def kinds_of_callbacks() -> Iterator[str]:
    """What the code queues of deliveries, one by one or together: a text, or a constant of that module."""
    for path in sources("**/*.py"):
        tree = ast.parse(path.read_text())
        known = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"enqueue", "Delivery"}:
                for given in node.keywords:
                    if given.arg == "kind" and getattr(given.value, "id", "") != "kind":  # it passes on what it got
                        yield given.value.value if isinstance(given.value, ast.Constant) else known[given.value.id]


def test_every_kind_has_a_name() -> None:
    named = {column: {word for word, _name in names.names_of(column)} for column in names.columns()}
    assert named["outgoingmail.kind"] == set(KINDS)
    assert named["jobrun.job"] == named["periodictask.name"] == set(JOBS)
    assert named["delivery.kind"] == set(kinds_of_callbacks())


@pytest.mark.parametrize("code", OTHERS)
def test_every_name_is_translated(code: str) -> None:
    words = [(column, word) for column in names.columns() for word, _name in names.names_of(column)]
    with translation.override("en"):
        english = [names.name_of(*word) for word in words]
    with translation.override(code):
        same = [word for word, name in zip(words, english, strict=True) if names.name_of(*word) == name]
    assert [word for word in same if word != ("delivery.kind", "ping")] == []


def test_word_of_another_version_is_kept() -> None:
    assert names.name_of("jobrun.job", "gone-job") == "gone-job"


class Seen(HTMLParser):
    """What a page shows to people, without what programs read: scripts, code, values of fields."""

    HIDDEN = ("script", "style", "code", "pre")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in self.HIDDEN

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)


@pytest.fixture
def chief(db: None) -> Client:
    of_the_site()
    Holding("walnut")
    for name in JOBS:
        JobRun.objects.create(job=name, state="succeeded", expires_at=timezone.now())
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.bulk_create(PeriodicTask(name=name, task="a.task", interval=interval) for name in JOBS)
    Tariff.objects.create(name="Big", quotas={"max_storage": 5})
    return browser_of(factories.user("chief", is_staff=True, is_superuser=True))


@pytest.mark.django_db
def test_sentences_of_the_log_name_kinds_and_jobs(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = factories.staff()
    about = {"occurred_at": timezone.now(), "subject_id": uuid.UUID(int=1), "via": "admin"}
    resent = Activity(
        kind="mail.resent", actor_kind="staff", actor_name="Carol", subject_type="outgoingmail",
        data={"address": "bob@example.com", "kind": "external_event_invite"}, **about,
    )  # fmt: skip
    started = Activity(
        kind="job.requested", actor_kind="job", actor_name="send-reminders", subject_type="periodictask",
        data={"label": "claim-invites"}, **about,
    )  # fmt: skip
    with translation.override("en"):
        told = [entry.sentence for entry in entries([resent, started], request)]
    assert told == [
        "Carol sent a mail to bob@example.com again: Invitation (guest)",
        "The job Send reminders let a job run at once: “Give invitations to new accounts”",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("code", OTHERS)
def test_no_list_shows_a_word_of_programs(chief: Client, code: str) -> None:
    words = {word for column in names.columns() for word, _name in names.names_of(column) if re.search("[_-]", word)}
    shown = {}
    for model in admin.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        answer = chief.get(path, headers={"accept-language": code}, follow=True)
        text = " ".join(Seen(answer.content.decode()).text)
        found = {*WORD.findall(text), *(word for word in words if word in text)} - KNOWN.keys()
        if found:
            shown[path] = found
    assert shown == {}
