"""A tenant's own texts in place of the shipped ones: what can be saved, what a mail says, what happens if it fails."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from activity.actors import Actor
from activity.models import Activity
from mailer import templates
from mailer.kinds import PROTOCOL, to_json
from mailer.mime import Mail
from mailer.models import MailTemplate, OutgoingMail
from mailer.preview import part
from mailer.protocol import EventMessage
from mailer.render import Shared, render
from mailer.samples import SHAPES, sample
from mailer.templates import (
    ACTIONS,
    LONGEST_BODY,
    InvalidTemplateError,
    OutdatedTemplateError,
    first_text,
    samples,
    save_template,
)
from mailer.wording import Wording, in_bodies
from tests import factories
from tests.goldens import assert_golden
from tests.mailer.test_hostile_texts import Tags
from tests.mailer.test_html_rules import check
from tests.mailer.test_preview import SECRETS
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db

OWN = """Hello {% if recipient %}{{ recipient }}{% else %}guest{% endif %},

{{ inviter }} asks you to come to “{{ title }}” <b>&</b>
{{ when }}{% if repeats %}, {{ repeats }}{% endif %}.

{{ details }}
{{ ways_in }}
{% if event_link %}
Say whether you come: {{ event_link }}
{% endif %}
The {{ product }} team
"""


@pytest.fixture(autouse=True)
def one_shape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving tries all samples; most tests are about something else."""
    if "shapes" not in request.fixturenames:
        few = ("single", "cancelled_occurrence")
        monkeypatch.setattr(templates, "SHAPES", {shape: SHAPES[shape] for shape in few})


@pytest.fixture
def shapes() -> None:
    """The test wants all of them."""


def saved(body: str = OWN, *, subject: str = "Come: {{ title }}", **fields: Any) -> MailTemplate:
    values = {"tenant_id": factories.tenant().pk, "language": "en", "action": "invite", "base": 0} | fields
    return save_template(subject=subject, body=body, actor=Actor.by_admin(factories.user()), **values)


def row(message: EventMessage, *, tenant: str = "OpenTalkDefaultTenant") -> OutgoingMail:
    return OutgoingMail(
        kind=message.kind,
        message=to_json(message),
        cause=uuid.UUID(int=0),
        address=message.receiver.email,
        tenant_id=factories.tenant(tenant).pk,
        created_at=message.event.updated_at.time,
    )


def mail(kind: str = "registered_event_invite", shape: str = "single", language: str = "en", **where: str) -> Mail:
    return render(row(sample(kind, shape, language), **where))


# --- what a mail says ---


@pytest.mark.parametrize(
    ("kind", "shape"), [("registered_event_invite", "recurring"), ("external_event_invite", "single")]
)
def test_mail_in_own_words(kind: str, shape: str) -> None:
    saved()
    built = mail(kind, shape)
    assert built.subject == "Come: Budget 2027: A & B"
    for form in ("txt", "html"):
        assert_golden(f"own_words/{kind}.{shape}.{form}", part(built, form))
    check(part(built, "html").decode())


@pytest.mark.slow
@sweep("action", ACTIONS, fast=2)
def test_first_text_of_the_editor_says_what_the_shipped_one_says(action: str, shapes: None) -> None:
    for shape, message in samples(action, "en"):
        shipped = render(row(message))
        draft = Shared({("en", action): first_text(action)})
        own = render(row(message), draft)
        assert own.subject == shipped.subject, shape
        told = part(own, "txt").decode()
        assert told.split() == part(shipped, "txt").decode().replace("\nDetails: ", "\n").split(), shape


@pytest.mark.parametrize("body", ["Hello\n\n{{ answer }}\n\nBye", "Hello\n\nBye"])
def test_question_stands_where_the_text_has_it_else_at_its_end(body: str) -> None:
    draft = Shared({("en", "invite"): Wording("Come", body)})
    built = render(row(sample("registered_event_invite", "single", "en")), draft)
    for form in ("txt", "html"):
        told = part(built, form).decode()
        assert told.count("Will you attend?") == 1
        assert told.count("/rsvp/") == 3
        assert (told.index("Will you attend?") < told.index("Bye")) == ("answer" in body)


@pytest.mark.slow
def test_text_is_for_its_tenant_language_and_action_alone() -> None:
    saved()
    assert mail().subject == "Come: Budget 2027: A & B"
    assert mail(language="de").subject == "Einladung: Budget 2027: A & B"
    assert mail(language="en-GB").subject == "Come: Budget 2027: A & B"
    assert mail(tenant="other").subject == "Invitation: Budget 2027: A & B"
    assert mail("registered_event_update").subject == "Changed: Budget 2027: A & B"


def test_cancelled_occurrence_reads_the_text_of_cancellations() -> None:
    saved("{{ intro }}", subject="Off: {{ occurrence }}", action="cancellation")
    built = mail("registered_event_update", "cancelled_occurrence")
    assert built.subject == "Off: Monday, 7 December 2026"


@pytest.mark.slow
def test_calendar_object_is_as_shipped() -> None:
    shipped = part(mail(), "ics")
    saved()
    assert part(mail(), "ics") == shipped


def test_receivers_name_is_each_ones_own() -> None:
    saved()
    message, shared = sample("registered_event_invite", "single", "en"), Shared()
    others = [replace(message, invitee=replace(message.invitee, first_name=name)) for name in ("Noor", "Kim")]
    told = [str(render(row(other), shared).body).splitlines()[0] for other in others]
    assert told == ["Hello Noor Haddad,", "Hello Kim Haddad,"]


@pytest.mark.slow
def test_new_version_is_used_by_the_next_run_and_texts_are_read_once_in_it() -> None:
    saved()
    shared = Shared()
    rows = [row(sample("registered_event_invite", "single", "en")) for _number in range(3)]
    with CaptureQueriesContext(connection) as few:
        render(rows[0], shared)
    with CaptureQueriesContext(connection) as more:
        for item in rows:
            assert render(item, shared).subject.startswith("Come")
    assert (len(few), len(more)) == (2, 0)
    saved(subject="Second: {{ title }}", base=1)
    assert render(rows[0], Shared()).subject == "Second: Budget 2027: A & B"


# --- hostile texts ---


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script><b>x</b><img src=x onerror=alert(1)>",
        "{ { title } } { % if % }",
        "&lt;script&gt; %(title)s {0}",
        "]]> --> </table></td></tr></body>",
        "javascript:alert(1) \"'` onload=x",
        "{{ title }}" * 99,
    ],
)
def test_whatever_staff_write_is_text(text: str) -> None:
    saved(text, subject=text[:242])
    html = part(mail(), "html").decode()
    assert not {"script", "b", "img"} & set(Tags(html).tags)
    check(html)


def test_values_are_text_too() -> None:
    saved()
    message = sample("registered_event_invite", "single", "en")
    event = replace(message.event, name="<b>{{ product }}</b>\r\nBcc: eve@example.org\x00ways_in\x00")
    built = render(row(replace(message, event=event)))
    assert built.subject == "Come: <b>{{ product }}</b> Bcc: eve@example.orgways_in"
    assert "b" not in Tags(part(built, "html").decode()).tags


@pytest.mark.slow
@sweep("action", ["cancellation", "uninvite"], fast=1)
def test_who_is_out_learns_no_secret_whatever_is_written(action: str, shapes: None) -> None:
    body = "\n".join(f"{{{{ {name} }}}}" for name in in_bodies(action))
    saved(body, action=action)
    for shape, message in samples(action, "en"):
        built = render(row(message))
        whole = str(built.body) + part(built, "html").decode() + built.subject
        assert [secret for secret in SECRETS if secret in whole] == [], shape
        assert "/room/" not in whole
        assert str(message.event.room.id) not in whole


@pytest.mark.parametrize("action", ["cancellation", "uninvite"])
@pytest.mark.parametrize("name", ["ways_in", "event_link", "join_link", "description", "password"])
def test_who_is_out_has_no_placeholder_for_a_way_in(action: str, name: str) -> None:
    with pytest.raises(InvalidTemplateError) as refused:
        saved(f"Hello\n{{{{ {name} }}}}", action=action)
    assert refused.value.errors == {"body": f"Line 2: “{name}” is no placeholder here."}


def test_text_for_who_is_out_says_no_secret_though_it_names_ways_in() -> None:
    """Written by hand into the database, past all checks."""
    MailTemplate.objects.create(
        tenant=factories.tenant(), language="en", action="uninvite", version=1, subject="x", body="{{ ways_in }}"
    )
    assert mail("registered_event_uninvite").subject == "No longer invited: Budget 2027: A & B"


# --- what can be saved ---


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"body": "{{ nobody }}"}, {"body": "Line 1: “nobody” is no placeholder here."}),
        ({"subject": "{{ details }}"}, {"subject": "Line 1: “details” is no placeholder here."}),
        ({"subject": "{{ event_link }}"}, {"subject": "Line 1: “event_link” is no placeholder here."}),
        ({"subject": "x\r\nBcc: eve@example.org"}, {"subject": "The subject has one line."}),
        ({"subject": " "}, {"subject": "There is no text."}),
        ({"body": " \n"}, {"body": "There is no text."}),
        ({"body": "x" * 100_000}, {"body": f"More than {LONGEST_BODY} characters."}),
        ({"subject": "x" * 301}, {"subject": "More than 300 characters."}),
        ({"body": "{{ details }}" * 3}, {"body": "“details” stands there more than 2 times."}),
        (
            {"subject": "{% if repeats %}{{ title }}{% endif %}"},
            {"body": "For the sample “single”: The subject is empty."},
        ),
        (
            {"body": "{% if occurrence %}{{ title }}{% endif %}"},
            {"body": "For the sample “single”: The text is empty."},
        ),
        ({"subject": "{{ x }}", "body": "{% x %}"}, {
            "subject": "Line 1: “x” is no placeholder here.",
            "body": "Line 1: “{% x %}” is unknown.",
        }),
    ],
)  # fmt: skip
def test_what_does_not_render_cannot_be_saved(fields: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(InvalidTemplateError) as refused:
        saved(**fields)
    assert refused.value.errors == errors
    assert not MailTemplate.objects.exists()


def test_every_shape_is_tried(shapes: None) -> None:
    with pytest.raises(InvalidTemplateError) as refused:
        saved("{% if repeats %}{% else %}{{ title }}{% endif %}")
    assert refused.value.errors == {"body": "For the sample “recurring”: The text is empty."}


@pytest.mark.slow
def test_each_save_is_a_version_and_an_activity() -> None:
    first = saved()
    second = saved(subject="Second", base=1)
    back = saved(subject=first.subject, base=2)
    assert (back.version, mail().subject) == (3, "Come: Budget 2027: A & B")
    found = Activity.objects.filter(subject_type="mailtemplate").order_by("position")
    assert [(item.kind, item.subject_id, item.tenant_id) for item in found] == [
        ("setup.updated", item.pk, factories.tenant().pk) for item in (first, second, back)
    ]
    assert found[1].changes == {"subject": ["Come: {{ title }}", "Second"]}


def test_empty_text_goes_back_to_the_shipped_one() -> None:
    saved()
    saved("", subject="", base=1)
    assert mail().subject == "Invitation: Budget 2027: A & B"


@pytest.mark.parametrize("base", [0, 2])
def test_who_read_an_older_version_does_not_overwrite_the_newer_one(base: int) -> None:
    saved()
    with pytest.raises(OutdatedTemplateError):
        saved(subject="Other", base=base)
    assert MailTemplate.objects.count() == 1


def test_two_who_save_at_once_do_not_both_win(monkeypatch: pytest.MonkeyPatch) -> None:
    saved()
    monkeypatch.setattr("mailer.wording.newest", lambda _tenant: MailTemplate.objects.none())
    with pytest.raises(OutdatedTemplateError):
        saved(subject="Other")


def test_half_a_text_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MailTemplate.objects.create(tenant=factories.tenant(), language="en", action="invite", version=1, body="x")


# --- a text that works no more ---


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda: MailTemplate.objects.update(body="a\n{{ gone }}"), "Line 2: “gone” is no placeholder here."),
        (lambda: MailTemplate.objects.update(subject="{{ repeats }}"), "The subject is empty."),
    ],
)
def test_broken_text_gives_the_shipped_mail_and_says_so(
    break_it: Callable[[], None], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    shipped = str(mail().body)
    saved()
    break_it()
    assert str(mail().body) == shipped
    broken = MailTemplate.objects.get()
    assert (broken.last_error, broken.failed_at is not None) == (f"TemplateTextError: {told}", True)
    assert told in caplog.text
    mail()
    assert MailTemplate.objects.get().failed_at == broken.failed_at


def test_shipped_kinds_are_all_covered() -> None:
    assert set(ACTIONS) >= {kind.action for kind in PROTOCOL.values()}
    for action in ACTIONS:
        assert {shape for shape, _message in samples(action, "en")} <= set(SHAPES)
        assert list(samples(action, "en"))


def test_every_placeholder_is_in_the_documents() -> None:
    told = (Path(settings.BASE_DIR) / "docs/operations.md").read_text()
    told = told[told.index("### Texts of a tenant") :]
    for action in ACTIONS:
        assert [name for name in in_bodies(action) if f"`{name}`" not in told] == []
