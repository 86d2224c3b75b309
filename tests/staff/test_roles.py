"""The shipped roles: what each may do with each model. Written by hand, and asked of the admin itself."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group as Permissions
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from mailer.models import OutgoingMail
from tests import factories
from tests.staff.holding import ROLES, Holding, browser_of, with_role
from users.models import Client as OidcClient
from users.models import Tenant, User
from users.roles import MAIL_OPERATOR, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db

# v: view, a: add, c: change, d: delete. What is not listed is for superusers alone.
#                             support  mails   tenant  privacy
TABLE = {
    "users.user":              ("v",   "v",    "vac",  "v"),
    "users.tenant":            ("v",   "v",    "v",    "v"),
    "users.tariff":            ("v",   "v",    "",     "v"),
    "users.group":             ("v",   "v",    "vacd", "v"),
    "mailer.mailbranding":     ("v",   "vacd", "vacd", "v"),
    "mailer.outgoingmail":     ("v",   "v",    "v",    "v"),
    "invites.eventinvite":      ("v",   "v",    "v",    "v"),
    "invites.emailinvite":      ("v",   "v",    "v",    "v"),
    "invites.invitecode":       ("v",   "v",    "v",    "v"),
    "invites.inboundmail":     ("v",   "v",    "v",    "v"),
    "mailer.mailtemplate":     ("",    "vcd",  "vcd",  ""),
    "mailer.suppressedaddress": ("v",  "va",   "",     "va"),
    "mailer.helddomain":       ("v",   "vd",   "",     "v"),
    "events.event":            ("v",   "v",    "vcd",  "v"),
    "events.digest":         ("v",   "v",    "vac",  "v"),
    "events.folderdeletion":   ("v",   "v",    "",     "v"),
    "rooms.room":              ("v",   "v",    "v",    "v"),
    "signaling.roomsession":   ("v",   "v",    "v",    "v"),
    "activity.activity":       ("v",   "v",    "v",    "v"),
    "deliveries.endpoint":     ("v",   "",     "v",    "v"),
    "deliveries.delivery":     ("v",   "",     "v",    "v"),
    "cronofy.application":     ("v",   "",     "vac",  "v"),
    "cronofy.smartinvite":     ("v",   "",     "v",    "v"),
    "objects.box":             ("v",   "v",    "v",    "v"),
    "objects.sensor":          ("v",   "v",    "v",    "v"),
    "objects.sipaccount":      ("v",   "v",    "v",    "v"),
    "objects.content":        ("v",   "v",    "v",    "v"),
    "objects.object":         ("v",   "",     "v",    "v"),
    "objects.tag":            ("v",   "",     "v",    "v"),
    "objects.comment":        ("",    "",     "v",    "v"),
    "webex.webhook":           ("v",   "",     "v",    "v"),
    "cospace.session":         ("v",   "",     "v",    "v"),
    "producers.producer":      ("v",   "",     "v",    "v"),
    "producers.binding":       ("v",   "",     "vad",  "v"),
    "operations.jobrun":       ("v",   "v",    "",     "v"),
    "imports.import":          ("",    "",     "v",    "v"),
}  # fmt: skip
#  What is more than looking at rows: the action's right, by the model it is an action of.
#                            support  mails  tenant  privacy
ACTIONS = {
    ("mailer.outgoingmail", "resend"):      (False, True, True, False),
    ("invites.inboundmail", "process"):     (False, True, True, False),
    ("rooms.room", "operate"):              (False, False, True, False),
    ("signaling.roomsession", "operate"):   (False, False, True, False),
    ("signaling.roomsession", "read"):      (False, False, False, True),
    ("invites.invitecode", "operate"):      (False, False, True, False),
    ("invites.eventinvite", "operate"):     (False, False, True, False),
    ("invites.eventinvite", "resend"):      (False, True, True, False),
    ("invites.emailinvite", "operate"):     (False, False, True, False),
    ("invites.emailinvite", "resend"):      (False, True, True, False),
    ("deliveries.endpoint", "operate"):     (False, False, True, False),
    ("deliveries.delivery", "operate"):     (False, False, True, False),
    ("objects.box", "operate"):             (False, False, True, False),
    ("objects.sensor", "operate"):          (False, False, True, False),
    ("objects.sipaccount", "operate"):      (False, False, True, False),
    ("cospace.session", "operate"):         (False, False, True, False),
    ("objects.content", "operate"):         (False, False, True, False),
    ("objects.comment", "operate"):         (False, False, True, False),
    ("webex.webhook", "operate"):           (False, False, True, False),
    ("mailer.suppressedaddress", "lift"):   (False, True, False, True),
}  # fmt: skip
#                            support  mails  tenant  privacy
OWN = {
    "users.see_every_tenant":   (True,  True,  False, True),
    "users.export_lists":       (False, True,  True,  True),
    "imports.add_import":       (False, False, True,  False),
    "mailer.read_outgoingmail": (False, True,  False, True),
    "deliveries.read_delivery": (False, False, False, True),
    "signaling.read_chat":      (False, False, False, True),
    "rooms.view_asset":         (False, False, False, True),
    "activity.view_compliance": (False, False, False, True),
    "users.see_as_user":        (True,  False, True,  True),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(ROLES)), ids=ROLES)
def test_role_may_do_what_the_table_says(number: int, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = with_role(ROLES[number])
    found = {}
    for model, rows in admin.site._registry.items():
        asked = {
            "v": rows.has_view_permission(request),
            "a": rows.has_add_permission(request),
            "c": rows.has_change_permission(request),
            "d": rows.has_delete_permission(request),
        }
        if letters := "".join(letter for letter, may in asked.items() if may):
            found[model._meta.label_lower] = letters
    assert found == {model: row[number] for model, row in TABLE.items() if row[number]}
    for (label, action), row in ACTIONS.items():
        rows = admin.site._registry[apps.get_model(label)]
        assert getattr(rows, f"has_{action}_permission")(request) is row[number], action
    assert {name: request.user.has_perm(name) for name in OWN} == {name: row[number] for name, row in OWN.items()}


def test_staff_without_role_may_nothing(rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = factories.user("helper", is_staff=True)
    assert not any(any(rows.get_model_perms(request).values()) for rows in admin.site._registry.values())


@pytest.mark.slow
def test_role_is_given_by_one_tick() -> None:
    with_role(SUPPORT)
    bob = factories.user("bob")
    browser = browser_of(factories.staff())
    path = f"/admin/users/user/{bob.pk}/change/"
    form = browser.get(path).context["adminform"].form
    values = {name: form.initial.get(name, field.initial) for name, field in form.fields.items()}
    ticked = {name: value for name, value in values.items() if value not in (None, False, [])}
    support = form.fields["groups"].queryset.get(name=SUPPORT)
    assert browser.post(path, ticked | {"groups": [support.pk]}).status_code == 302
    bob.refresh_from_db()
    assert bob.is_staff
    assert browser_of(bob).get("/admin/users/user/").status_code == 200


@pytest.mark.slow
def test_pages_tell_what_a_role_is_for() -> None:
    with_role(SUPPORT)
    page = browser_of(factories.staff()).get(f"/admin/users/user/{factories.user().pk}/change/").content.decode()
    assert "Support: looks at everything that helps to answer a question, changes nothing, reads no mails" in page


@pytest.mark.slow
@pytest.mark.parametrize("target", ["admin", "support"])
def test_staff_are_changed_by_superusers_alone(target: str) -> None:
    """Who may set somebody's password has all of that person's rights."""
    factories.staff()
    with_role(SUPPORT)
    boss = browser_of(with_role(TENANT_ADMINISTRATOR))
    path = f"/admin/users/user/{User.objects.get(username=target).pk}"
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    assert boss.post(f"{path}/password/", new).status_code == 403
    assert boss.post(f"{path}/change/", {"email": "x@example.com"}).status_code == 403


def test_refused_page_says_why() -> None:
    answer = browser_of(with_role(SUPPORT)).get("/admin/users/role/")
    assert answer.status_code == 403
    assert "You may not open this page" in answer.content.decode()


@pytest.mark.slow
def test_no_role_gives_rights() -> None:
    boss, bob = browser_of(with_role(TENANT_ADMINISTRATOR)), factories.user("bob")
    given = {"username": "bob", "email": "bob@example.com", "language": "en-US", "dashboard_theme": "system",
             "conference_theme": "system", "title": "Dr.", "is_superuser": "on", "is_staff": "on",
             "groups": list(bob.groups.model.objects.values_list("pk", flat=True)),
             "tenant": factories.tenant("other").pk, "tariff_status": "paid"}  # fmt: skip
    assert boss.post(f"/admin/users/user/{bob.pk}/change/", given).status_code == 302
    bob.refresh_from_db()
    assert (bob.title, bob.is_superuser, bob.is_staff, bob.groups.count()) == ("Dr.", False, False, 0)
    assert (bob.tenant, bob.tariff_status) == (factories.tenant(), "default")


@pytest.mark.slow
@pytest.mark.parametrize("role", [SUPPORT, TENANT_ADMINISTRATOR])
def test_mails_are_read_by_who_may_read_them(role: str) -> None:
    own = Holding(Tenant.objects.get_or_create(external_id="walnut")[0].external_id)
    page = f"/admin/mailer/outgoingmail/{own.mail.pk}"
    closed, open_ = browser_of(with_role(role, own.tenant)), browser_of(with_role(MAIL_OPERATOR))
    for path in (f"{page}/preview/", f"{page}/preview/?format=eml", f"{page}/attempts/{own.attempt.pk}/"):
        assert closed.get(path).status_code == 403, path
    assert "preview" not in closed.get(f"{page}/change/").content.decode()
    assert open_.get(f"{page}/preview/").status_code == 200
    assert "/preview/" in open_.get(f"{page}/change/").content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("column", ["password", "password__startswith"])
def test_secret_column_cannot_be_guessed_by_a_filter(column: str) -> None:
    own = Holding("walnut")
    support = browser_of(with_role(SUPPORT))
    for path, wanted in (("rooms/room", own.secrets[0]), ("users/user", own.owner.password)):
        assert support.get(f"/admin/{path}/", {column: wanted}).status_code == 400


def test_client_secret_is_shown_to_nobody() -> None:
    client = OidcClient.objects.create(
        name="Gateway",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="s3cr3t",
    )
    browser = browser_of(factories.staff())
    path = f"/admin/users/client/{client.pk}/change/"
    kept = client.client_secret
    page = browser.get(path)
    assert kept not in page.content.decode()
    form = page.context["adminform"].form
    given = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    assert browser.post(path, given | {"name": "Bridge", "roles": "[]"}).status_code == 302
    client.refresh_from_db()
    assert (client.name, client.client_secret) == ("Bridge", kept)


class Links(HTMLParser):
    def __init__(self, base: str, page: str) -> None:
        super().__init__()
        self.base = base
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        target = given.get("href") or given.get("src") if tag in {"a", "iframe"} else None
        if target and not target.startswith("#"):
            url = urlsplit(urljoin(self.base, target))
            if url.path.startswith("/admin/") and "logout" not in url.path:
                self.found.add(f"{url.path}?{url.query}" if url.query else url.path)


def walk(browser: Client, secrets: list[str]) -> int:
    """Follows every link from the first page on; no page is refused, none shows a secret."""
    waiting, seen = ["/admin/"], set()
    while waiting:
        path = waiting.pop()
        place = urlsplit(path)
        if path in seen or (place.query and place.path in {urlsplit(other).path for other in seen if "?" in other}):
            continue  # of a list's many orders and filters one is enough
        seen.add(path)
        answer = browser.get(path)
        assert answer.status_code in {200, 302}, (path, answer.status_code)
        if answer.get("Content-Type", "").startswith("text/html"):
            page = answer.content.decode()
            assert not [secret for secret in secrets if secret in page], path
            waiting += Links(path, page).found
    return len(seen)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_link_is_refused_and_no_page_shows_a_secret(role: str) -> None:
    own = Holding("walnut")
    OutgoingMail.objects.filter(pk=own.mail.pk).update(state="sent", sent_at=own.mail.created_at)
    secrets = own.secrets
    assert walk(browser_of(with_role(role, own.tenant)), secrets) > 30


def test_upgrade_keeps_what_staff_see_and_gives_nobody_more() -> None:
    """Those with hand-made rights go on seeing every tenant; a group that has a role's name already stays as it is."""
    Permissions.objects.all().delete()
    look = Permission.objects.get(codename="view_outgoingmail")
    helpers, support = (Permissions.objects.create(name=name) for name in ("Helpers", SUPPORT))
    person, namesake, idle = (factories.user(name, is_staff=True) for name in ("carl", "dora", "erik"))
    helpers.permissions.add(look)
    support.permissions.add(look)
    person.user_permissions.add(look)
    namesake.groups.add(support)
    with_role(TENANT_ADMINISTRATOR)
    names = ("mailer.view_outgoingmail", "users.see_every_tenant", "mailer.read_outgoingmail")
    people = [fresh(user) for user in (person, namesake, idle)]
    rights = {user.username: [user.has_perm(name) for name in names] for user in people}
    assert rights == {"carl": [True] * 3, "dora": [True, False, False], "erik": [False] * 3}
    assert {right.codename for right in helpers.permissions.all()} >= {"see_every_tenant", "read_outgoingmail"}
    kept = support.permissions.order_by("codename").values_list("codename", flat=True)
    assert list(kept) == ["view_inboundmail", "view_outgoingmail"]  # what comes in is seen by who sees what left


def fresh(user: User) -> User:
    """Without the rights that it remembers."""
    return User.objects.get(pk=user.pk)
