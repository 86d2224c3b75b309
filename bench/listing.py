"""Lists of somebody who has 100,000 events: the rows that PostgreSQL reads for a page, by table. Nothing is timed."""

from collections.abc import Iterator

from django.db import connection, transaction

from bench.measure import Reading, Run
from tests import crowd
from tests.api import Api
from tests.plans import Plans


def rows_touched(run: Run) -> Iterator[Reading]:
    if connection.vendor != "postgresql":
        yield Reading(name="no PostgreSQL", value=0, ours="", is_steady=False)
        return
    with transaction.atomic():
        run.tell(f"    loading {crowd.COUNT:,} events, about a minute")
        # Never fewer: PostgreSQL rightly reads small tables from beginning to end.
        people = crowd.load()
        api = Api(people.bob)
        for request in people.requests():
            plans = Plans(lambda: api.get(request.path, **request.query))  # noqa: B023 - called here
            table, rows = plans.touched.most_common(1)[0]
            note = f"may read {request.besides} more: what runs then" if request.besides else ""
            if plans.scanned:
                note = f"reads all of {', '.join(sorted(plans.scanned))}"
            yield Reading(
                name=request.name,
                value=rows,
                ours=table,
                is_judged=not request.besides,
                is_constant=not plans.scanned,
                note=note,
            )
        transaction.set_rollback(True)
