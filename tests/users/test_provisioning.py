"""What another issuer's claims make of a person: at the first sign-in, at later ones, and never."""

import pytest
import time_machine

from rest.errors import ApiError
from tests import factories
from tests.traces import Traces
from tests.users.issuer import ALICE
from users.models import Group, Tariff, Tenant, User
from users.oidc.claims import read_claims
from users.services import provision_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def another_issuer(settings):
    settings.OIDC_IS_EMBEDDED = False


def come(**changes) -> User:
    """Somebody comes with these claims; each time with a newer token."""
    come.now += 300
    claims = {"sub": "alice", "iat": come.now} | ALICE | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    user = provision_user(claims=read_claims(claims))
    return User.objects.get(pk=user.pk)


come.now = 1795424400


def refused(**changes) -> str:
    with pytest.raises(ApiError) as caught:
        come(**changes)
    assert not User.objects.exists()
    return f"{caught.value.status_code} {caught.value.code}"


# ---- The first sign-in ----


def test_person_is_made_of_the_claims():
    user = come(locale="de-DE", zoneinfo="Europe/Berlin", picture="https://example.com/a.png", nickname=" Ali  A. ")
    assert (user.email, user.first_name, user.last_name) == ("alice@example.com", "Alice", "Adams")
    assert (user.display_name, user.language, user.time_zone) == ("Ali A.", "de-DE", "Europe/Berlin")
    assert (user.avatar_url, user.tenant.external_id) == ("https://example.com/a.png", "OpenTalkDefaultTenant")
    assert (user.tariff.name, user.tariff_status) == ("OpenTalkDefaultTariff", "default")
    assert user.last_login.timestamp() == come.now
    assert not user.has_usable_password()


def test_first_sign_in_is_logged_for_the_person():
    traces = Traces()
    user = come()
    assert traces.activities() == [("user.created", [user.username])]


def test_display_name_without_nickname():
    assert come(given_name=" Alice  Maria ").display_name == "Alice Maria Adams"


def test_long_names_are_cut():
    user = come(given_name="a" * 300, family_name="b" * 300)
    assert (len(user.first_name), len(user.last_name), len(user.display_name)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("locale", "language"), [("de", "de"), ("de_AT", "de-AT"), ("xx", "en-US"), ("", "en-US"), ("a" * 300, "en-US")]
)
def test_language(locale, language):
    assert come(locale=locale).language == language


@pytest.mark.parametrize("zone", ["Nowhere/Nothing", "../../etc/passwd", "localtime"])
def test_unknown_time_zone_is_left_out(zone):
    assert come(zoneinfo=zone).time_zone == ""


@pytest.mark.parametrize("picture", ["javascript:alert(1)", "x", 7, "https://example.com/" + "a" * 500])
def test_picture_that_is_none_is_left_out(picture):
    assert come(picture=picture).avatar_url == ""


def test_control_characters_do_not_reach_the_database():
    user = come(given_name="Al\x00i\x07ce\ud800", family_name="آدامز‌ها")
    assert (user.first_name, user.last_name) == ("Alice", "آدامز‌ها")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": None}, {"given_name": None}, {"family_name": None}, {"email": "alice"}, {"email": ""},
        {"email": 7}, {"email": "a\x00@example.com"}, {"given_name": {}}, {"sub": "a" * 256}, {"sub": "a\x00"},
        {"x_grp": "staff"}, {"x_grp": [1]}, {"nickname": ["x"]}, {"email": f"{'a' * 250}@example.com"},
        {"email": "mar\u212a@example.com"},
    ],
)  # fmt: skip
def test_claims_that_do_not_name_a_person(claims):
    assert refused(**claims) == "400 invalid_claims"


def test_address_that_nobody_checked(settings):
    settings.OIDC_REQUIRE_VERIFIED_EMAIL = True
    assert refused() == "400 invalid_claims"
    assert refused(email_verified="true") == "400 invalid_claims"
    assert come(email_verified=True).email == "alice@example.com"


# ---- Later sign-ins ----


def test_names_and_address_follow_the_issuer():
    come()
    traces = Traces()
    user = come(email="A.Brown@Example.com", family_name="Brown", picture="https://example.com/b.png")
    assert (user.email, user.last_name, user.avatar_url) == (
        "a.brown@example.com", "Brown", "https://example.com/b.png",
    )  # fmt: skip
    assert traces.activities() == [("user.updated", [user.username])]
    assert come().avatar_url == ""


def test_what_people_choose_here_is_theirs():
    come(locale="de", zoneinfo="Europe/Berlin")
    chosen = {"title": "Dr.", "display_name": "Queen", "language": "fr", "time_zone": "Asia/Tokyo"}
    chosen |= {"dashboard_theme": "dark", "conference_theme": "light"}
    User.objects.update(**chosen)
    user = come(nickname="Ali", locale="en", zoneinfo="UTC", title="Mr.")
    assert {name: getattr(user, name) for name in chosen} == chosen


def test_display_name_is_the_issuers_where_people_may_not_choose(settings):
    come()
    settings.DISALLOW_CUSTOM_DISPLAY_NAME = True
    assert come(nickname="Ali").display_name == "Ali"


def test_nothing_new_is_not_logged():
    come()
    traces = Traces()
    come()
    assert traces.activities() == []


def test_older_token_does_not_bring_old_names_back():
    come()
    old = read_claims({"sub": "alice", "iat": come.now - 100} | ALICE | {"family_name": "Old"})
    assert provision_user(claims=old).last_name == "Adams"


def test_disabled_person_is_left_alone():
    User.objects.filter(pk=come().pk).update(disabled_since="2026-11-23T09:00:00Z")
    user = come(family_name="Brown")
    assert (user.last_name, user.is_active) == ("Adams", False)


@pytest.mark.parametrize("is_first", [True, False])
def test_statements_of_a_refresh_do_not_depend_on_the_groups(is_first, django_assert_max_num_queries):
    come(x_grp=["a"])
    with django_assert_max_num_queries(15):
        come(x_grp=[f"group {number}" for number in range(50 if is_first else 1)])


# ---- Groups ----


def groups(user) -> list[str]:
    return sorted(user.tenant_groups.values_list("name", flat=True))


def test_groups_follow_the_claim():
    assert groups(come(x_grp=["b", "a", "b", "", " c "])) == ["a", "b", "c"]
    assert groups(come(x_grp=["b", "d"])) == ["b", "d"]
    assert groups(come(x_grp=[])) == []
    assert Group.objects.count() == 4


def test_no_claim_leaves_the_groups():
    come(x_grp=["a"])
    assert groups(come()) == ["a"]
    assert groups(come(x_grp=None)) == ["a"]


def test_groups_belong_to_the_tenant(settings):
    Group.objects.create(tenant=factories.tenant("another"), name="a")
    assert come(x_grp=["a"]).tenant_groups.get().tenant.external_id == "OpenTalkDefaultTenant"


# ---- Phone ----


@pytest.mark.parametrize(
    ("claim", "phone"),
    [
        ("+49 (0)30 1234-5678", "+493012345678"), ("0049 30/12345678", "+493012345678"),
        ("+1.202.555.0143", "+12025550143"),
        ("030 12345678", ""), ("+49", ""), ("call me", ""), ("+0123456789", ""), ("+" + "1" * 16, ""), ("", ""),
        ("+４９301234567", ""),
    ],
)  # fmt: skip
def test_phone_number_is_kept_for_the_dial_in(settings, claim, phone):
    settings.CALL_IN_TEL = "+4930999999"
    assert come(phone_number=claim).phone == phone


def test_phone_number_is_not_kept_without_dial_in(settings):
    settings.CALL_IN_TEL = ""
    assert come(phone_number="+493012345678").phone == ""


# ---- Tenants ----


def test_static_tenant_passes_over_the_claim():
    assert come(tenant_id="acme").tenant.external_id == "OpenTalkDefaultTenant"


def test_tenant_by_claim(settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    acme, other = come(tenant_id="acme"), come(tenant_id="other")
    assert (acme.tenant.external_id, other.tenant.external_id) == ("acme", "other")
    assert come(tenant_id="acme").pk == acme.pk
    assert Tenant.objects.count() == 2


@pytest.mark.parametrize("claim", [None, "", 7, "a" * 256, "a\x00"])
def test_tenant_that_is_none(settings, claim):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    assert refused(tenant_id=claim) == "400 invalid_claims"


# ---- Tariffs ----


@pytest.fixture
def tariffs(settings):
    settings.TARIFF_ASSIGNMENT = "by_external_tariff_id"
    Tariff.objects.create(name="Big", external_ids=["big-1", "big-2"])
    Tariff.objects.create(name="Small", external_ids=["small"])


def test_static_tariff_stays_what_staff_made_it():
    come(tariff_id="big-1")
    User.objects.update(tariff=Tariff.objects.create(name="Big"))
    assert come(tariff_id="small", tariff_status="paid").tariff.name == "Big"


@pytest.mark.usefixtures("tariffs")
def test_tariff_by_claim():
    assert come(tariff_id="big-2").tariff.name == "Big"
    assert come(tariff_id="small").tariff.name == "Small"


@pytest.mark.usefixtures("tariffs")
def test_unknown_tariff():
    assert refused(tariff_id="big") == "400 invalid_tariff_id"
    assert refused(tariff_id=None) == "400 invalid_claims"


@pytest.fixture
def statuses(settings, tariffs):
    settings.TARIFF_STATUS = {"default": [], "paid": ["ok", "trial"], "downgraded": ["unpaid"]}
    settings.TARIFF_DOWNGRADED = "Small"


@pytest.mark.usefixtures("statuses")
@pytest.mark.parametrize(
    ("word", "status", "tariff"),
    [("ok", "paid", "Big"), ("trial", "paid", "Big"), ("unpaid", "downgraded", "Small"), ("strange", "default", "Big")],
)
def test_status_of_the_tariff(word, status, tariff):
    user = come(tariff_id="big-1", tariff_status=word)
    assert (user.tariff_status, user.tariff.name) == (status, tariff)


@pytest.mark.usefixtures("statuses")
def test_who_pays_again_has_his_tariff_again():
    come(tariff_id="big-1", tariff_status="unpaid")
    user = come(tariff_id="big-1", tariff_status="ok")
    assert (user.tariff_status, user.tariff.name) == ("paid", "Big")


@pytest.mark.usefixtures("statuses")
def test_status_must_be_said():
    assert refused(tariff_id="big-1") == "400 invalid_claims"


@pytest.mark.usefixtures("statuses")
def test_downgraded_tariff_that_does_not_exist(settings):
    settings.TARIFF_DOWNGRADED = "Tiny"
    assert refused(tariff_id="big-1", tariff_status="unpaid") == "500 invalid_configuration"


def test_time_of_the_last_sign_in_is_the_tokens():
    with time_machine.travel("2026-11-23T09:00:00Z"):
        come()
        first = User.objects.get().last_login
        assert (come().last_login - first).total_seconds() == 300


def test_domain_is_kept_in_its_own_letters() -> None:
    assert come(email="Zoe@XN--BCHER-KVA.example").email == "zoe@bücher.example"
