"""Pages of Webex events of a thousand and of a million activities: rows that PostgreSQL reads, and time."""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from django.db import connection, transaction

from bench.measure import Reading, Run
from integrations.webex import ids
from tests.api import Api
from tests.integrations.webex.world import PATH, officer, program
from tests.plans import Plans
from users.models import User

FEW, MANY, QUICK = 1_000, 1_000_000, 100_000
TIMES = 15
LOG = "activity_activity"
# Most is about people in live meetings, which is no event; of the last there is one in 50,000.
FILL = """
INSERT INTO activity_activity (
    id, transaction_id, occurred_at, kind, tenant_id, actor_kind, actor_id, actor_name, via, subject_type, subject_id,
    room_id, event_id, title, data, data_version, changes, source, request_id, search_text
)
SELECT gen_random_uuid(), 0, now() - number * interval '20 seconds',
    CASE WHEN number %% 50000 = 77 THEN 'room.deleted' ELSE (ARRAY[
        'participant.joined', 'participant.left', 'participant.joined', 'participant.left', 'user.signed_in',
        'room.created', 'event.created', 'event.updated', 'invite.added', 'asset.created'
    ])[1 + number %% 10] END,
    %(tenant)s, 'user',
    CASE WHEN number %% 20000 = 5 THEN %(person)s::uuid ELSE ('00000000-0000-4000-8000-' || lpad((number %% 5000)::text, 12, '0'))::uuid END,
    '', 'api', 'room', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'Weekly',
    '{"title": "Weekly", "owner_id": null, "address": "a@example.org", "invitee_id": null, "role": "user", "filename":
      "a.pdf", "namespace": "", "kind": "whiteboard", "size": 1, "starts_at": null, "ends_at": null}',
    1, '{}', '', '', ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
"""  # noqa: E501


def pages(run: Run) -> Iterator[Reading]:
    if connection.vendor != "postgresql":
        yield Reading(name="no PostgreSQL", value=0, ours="", is_steady=False)
        return
    many = QUICK if run.rounds == 3 else MANY
    with transaction.atomic():
        olga = officer()
        api = program(olga)
        _fill(olga, 1, FEW)
        before = {name: _cost(api, query) for name, query in _asked(olga).items()}
        run.tell(f"    loading {many:,} activities, some minutes")
        _fill(olga, FEW + 1, many)
        for name, query in _asked(olga).items():
            rows, shown, milliseconds = _cost(api, query)
            few_rows, few_shown, few_milliseconds = before[name]
            yield Reading(
                name=f"{name}: rows read beside the {shown} shown",
                value=rows - shown,
                ours=f"{milliseconds:.1f} ms",
                floor=f"{few_milliseconds:.1f} ms of {FEW:,}",
                is_constant=rows - shown <= max(few_rows - few_shown, 120),
                note=f"{few_rows - few_shown} beside {few_shown} of {FEW:,}",
            )
        transaction.set_rollback(True)


def _asked(olga: User) -> dict[str, dict[str, str]]:
    return {
        "everything": {},
        "one resource": {"resource": "memberships"},
        "a rare one": {"resource": "rooms", "type": "deleted"},
        "what never was": {"resource": "messages"},
        "a person's, rare": {"actorId": ids.written(ids.PERSON, olga.pk)},
        "a year ago": {"resource": "rooms", "to": _a_while_ago()},
    }


def _a_while_ago() -> str:
    """Before nine tenths of the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char((max(occurred_at) - (max(occurred_at) - min(occurred_at)) * 0.9) AT TIME ZONE 'UTC',"
            """ 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM activity_activity"""
        )
        return str(cursor.fetchone()[0])


def _fill(olga: User, first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"tenant": olga.tenant_id, "person": olga.pk, "first": first, "last": last})
        cursor.execute(f"ANALYZE {LOG}")


def _cost(api: Api, query: dict[str, str]) -> tuple[int, int, float]:
    """Rows of the log that a page reads, how many it shows, and the milliseconds that it takes as a rule."""
    shown = 0

    def read() -> None:
        nonlocal shown
        answer = api.client.get(PATH, query, headers={"Authorization": api.authorization})
        shown = len(answer.json()["items"])

    rows = Plans(read).touched[LOG]
    taken = []
    for _time in range(TIMES):
        start = perf_counter()
        read()
        taken.append(perf_counter() - start)
    return rows, shown, median(taken) * 1000
