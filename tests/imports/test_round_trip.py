"""The export of people, imported elsewhere, gives the same people."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.imports.steps import press, upload
from tests.staff.holding import browser_of
from tests.sweeps import examples
from users.models import Tenant, User

pytestmark = pytest.mark.django_db
COLUMNS = (
    "email", "username", "title", "first_name", "last_name", "display_name", "language", "time_zone", "phone",
    "tariff__name",
)  # fmt: skip
# As the admin's own form takes them: without blanks at the ends, without control characters but line breaks.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"], include_characters="\r\n\t")).map(str.strip)
PEOPLE = st.lists(
    st.fixed_dictionaries({
        "title": TEXTS, "first_name": TEXTS, "last_name": TEXTS, "display_name": TEXTS,
        "phone": st.sampled_from(["", "+493012345678", "-1"]), "language": st.sampled_from(["en-US", "de", "fr-CH"]),
        "time_zone": st.sampled_from(["", "Europe/Berlin"]),
    }),
    min_size=1, max_size=4,
)  # fmt: skip


def values(tenant: Tenant) -> list[Any]:
    return list(User.objects.filter(tenant=tenant).order_by("email").values_list(*COLUMNS))


@pytest.mark.slow
@settings(max_examples=examples(4, 25), deadline=None)
@given(people=PEOPLE)
@example(people=[{"title": "=1+1", "first_name": "'=x", "last_name": '"a";,b', "display_name": "one\r\ntwo\nthree"}])
def test_own_export_gives_the_same_values_back(people: list[dict[str, str]]) -> None:
    browser = browser_of(User.objects.filter(username="admin").first() or factories.staff())
    tenant = factories.tenant("walnut")
    User.objects.filter(tenant=tenant).delete()
    for number, fields in enumerate(people):
        factories.user(f"person-{number}", tenant=tenant, **fields)
    before = values(tenant)
    rows = [str(pk) for pk in User.objects.filter(tenant=tenant).values_list("pk", flat=True)]
    answer = browser.post("/admin/users/user/", {"action": "export_csv", "_selected_action": rows})
    written = b"".join(answer.streaming_content).decode()
    User.objects.filter(tenant=tenant).delete()
    job = upload(browser, "users", written, tenant=tenant.pk)
    press(browser, job, "confirm")
    assert values(tenant) == before
