"""The admin's pages for a tenant's own texts: list, editor, preview, test mail, versions."""

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail as django_mail
from django.test import Client

from activity.models import Activity
from mailer import templates
from mailer.models import MailTemplate
from mailer.samples import SHAPES
from mailer.template_admin import TemplateForm
from tests import factories
from tests.mailer.test_preview import SECRETS
from users.models import User

pytestmark = pytest.mark.django_db
LIST = "/admin/mailer/mailtemplate/"
TEXTS = {"subject": "Come: {{ title }}", "body": "Dear {{ recipient }}\n\n{{ details }}\n\n{{ ways_in }}"}


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    few = ("single", "cancelled_occurrence")
    monkeypatch.setattr(templates, "SHAPES", {shape: SHAPES[shape] for shape in few})


@pytest.fixture
def staff() -> User:
    person = factories.user("helper", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["change_mailtemplate", "view_event"]))
    return person


@pytest.fixture
def admin(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page(action: str = "invite", language: str = "en") -> str:
    return f"{LIST}{factories.tenant().pk}/{language}/{action}/"


def save(admin: Client, base: int = 0, **fields: Any) -> Any:
    return admin.post(page(), {**TEXTS, "base": base, "save": "1"} | fields)


@pytest.mark.slow
def test_list_shows_what_is_changed_and_what_fails(admin: Client) -> None:
    save(admin)
    MailTemplate.objects.update(last_error="TemplateTextError: x")
    shown = admin.get(LIST).content.decode()
    assert shown.count("own text, version 1") == 1
    assert shown.count("fails: the shipped text is sent") == 1
    assert page("cancellation", "fr") in shown


def test_editor_begins_with_the_shipped_text_and_names_the_placeholders(admin: Client) -> None:
    shown = unescape(admin.get(page()).content.decode())
    assert "{{ intro }}\n\n{{ details }}\n\n{{ answer }}\n\n{{ ways_in }}" in shown
    assert "<code>{{ event_link }}</code>" in shown
    assert "<code>{{ ways_in }}</code>" not in admin.get(page("uninvite")).content.decode()


@pytest.mark.slow
def test_saving_reverting_and_going_back_to_the_shipped_text(admin: Client, staff: User) -> None:
    assert save(admin).status_code == 302
    assert save(admin, base=1, subject="Second").status_code == 302
    first = MailTemplate.objects.get(version=1)
    assert save(admin, base=2, revert=str(first.pk), subject="ignored").status_code == 302
    assert save(admin, base=3, shipped="1").status_code == 302
    rows = MailTemplate.objects.order_by("version").values_list("version", "subject", "saved_by")
    told = ["Come: {{ title }}", "Second", "Come: {{ title }}", ""]
    assert list(rows) == [(number, subject, str(staff)) for number, subject in enumerate(told, 1)]
    assert Activity.objects.filter(kind="setup.updated", actor_id=staff.pk).count() == 4
    shown = admin.get(page()).content.decode()
    assert shown.count("Use this version again") == 3
    assert "Second" in admin.get(page(), {"version": MailTemplate.objects.get(version=2).pk}).content.decode()


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"body": "a\n{{ nobody }}"}, "Line 2: “nobody” is no placeholder here."),
        ({"subject": "{% for x in y %}"}, "Line 1: “{% for x in y %}” is unknown."),
        ({"body": "x" * 100_000}, "More than 10000 characters."),
        ({"subject": "", "body": ""}, "There is no text."),
        ({"base": "7"}, "Somebody else has saved this text since you opened it."),
        ({"base": "x"}, "Enter a whole number."),
        ({"event": "x", "test": "1"}, "Enter a valid UUID."),
        ({"subject": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(admin: Client, fields: dict[str, str], complaint: str) -> None:
    answer = save(admin, **fields)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert complaint in unescape(str(form.errors))
    assert not MailTemplate.objects.exists()
    assert django_mail.outbox == []


def test_preview_shows_the_draft_in_a_frame_that_may_do_nothing(admin: Client) -> None:
    hostile = TEXTS | {"subject": "<script>x</script>", "body": "<script>x</script> {{ title }}"}
    answer = admin.post(f"{page()}preview/", hostile | {"base": 0, "shape": "single"})
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= set(policy)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    shown = answer.content.decode()
    assert "<script" not in shown
    assert "<script" not in unescape(shown).replace("<script>x</script>", "", 2)
    assert [secret for secret in SECRETS if secret in shown] == []
    assert not MailTemplate.objects.exists()


def test_preview_says_what_is_wrong(admin: Client) -> None:
    answer = admin.post(f"{page()}preview/", TEXTS | {"base": 0, "body": "{{ x }}"})
    assert "Line 1: “x” is no placeholder here." in answer.content.decode()
    assert "Enter a whole number." in admin.post(f"{page()}preview/", {"base": "x"}).content.decode()


@pytest.mark.parametrize("action", templates.ACTIONS)
def test_preview_of_a_real_meeting_hides_its_secrets(admin: Client, action: str) -> None:
    event = factories.event(factories.user("alice"), title="Strategy", password="open sesame")
    first = templates.first_text(action)
    data = {"subject": first.subject, "body": first.body, "base": 0, "event": str(event.pk)}
    shown = admin.post(f"{page(action)}preview/", data).content.decode()
    assert "Strategy" in shown
    assert "open sesame" not in shown


def test_meetings_of_other_tenants_and_hidden_ones_are_not_shown(admin: Client, staff: User) -> None:
    event = factories.event(factories.user("eve", tenant=factories.tenant("other")), title="Strategy")
    data = TEXTS | {"base": 0, "event": str(event.pk)}
    assert "There is no such meeting of this tenant." in admin.post(f"{page()}preview/", data).content.decode()
    own = factories.event(factories.user("alice"), title="Strategy")
    staff.user_permissions.set(Permission.objects.filter(codename="change_mailtemplate"))
    answer = admin.post(f"{page()}preview/", data | {"event": str(own.pk)})
    assert "There is no such meeting of this tenant." in answer.content.decode()


def test_test_mail_goes_to_who_asks_alone_and_brings_no_calendar_object(admin: Client) -> None:
    answer = save(admin, test="1", shape="single", subject="Draft: {{ title }}")
    assert "Sent to helper@example.com." in answer.content.decode()
    (sent,) = django_mail.outbox
    assert (sent.to, sent.cc, sent.bcc, sent.reply_to) == (["helper@example.com"], [], [], [])
    assert sent.subject == "Draft: Budget 2027: A & B"
    kinds = [item.get_content_type() for item in sent.message().walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert [secret for secret in SECRETS if secret in sent.body] == []
    assert not MailTemplate.objects.exists()


def test_only_who_may_change_templates_comes_in(admin: Client, staff: User) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_mailtemplate"))
    for path in (LIST, page(), f"{page()}preview/"):
        assert admin.get(path).status_code == 403
        assert admin.post(path, TEXTS | {"base": 0}).status_code == 403
        assert Client().get(path).status_code == 302
    assert not MailTemplate.objects.exists()


@pytest.mark.parametrize("path", ["xx/invite/", "en/nothing/", "en/_base/"])
def test_unknown_place_is_not_found(admin: Client, path: str) -> None:
    assert admin.get(f"{LIST}{factories.tenant().pk}/{path}").status_code == 404


@pytest.mark.slow
def test_tenant_with_texts_of_its_own_can_be_deleted(admin: Client) -> None:
    save(admin)
    client = Client()
    client.force_login(factories.user("root", is_staff=True, is_superuser=True, tenant=factories.tenant("other")))
    User.objects.filter(tenant=factories.tenant()).delete()
    answer = client.post(f"/admin/users/tenant/{factories.tenant().pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not MailTemplate.objects.exists()


def test_form_offers_the_shapes_that_read_the_text() -> None:
    form = TemplateForm({}, action="cancellation", language="en")
    assert [shape for shape, _name in form.fields["shape"].choices] == ["single", "cancelled_occurrence"]
