"""What staff are told before they switch callbacks off, skip some, or end the keys that sign them."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count
from django.utils.translation import gettext, ngettext

from integrations.deliveries.ledger import MOVES, On
from integrations.deliveries.models import Delivery, Endpoint
from staff.effects import Effect, Part


def waiting_at(endpoints: Sequence[Endpoint]) -> Counter[str]:
    """By address of the endpoint, what is given up where it is disabled."""
    waiting = Delivery.objects.filter(endpoint__in=endpoints, state__in=MOVES[On.CLOSING].sources)
    counted = waiting.order_by().values("endpoint__url").annotate(count=Count("pk"))
    return Counter(dict(counted.values_list("endpoint__url", "count")))


def of_disabling(endpoints: Sequence[Endpoint], waiting: Counter[str]) -> Effect:
    given_up = ngettext(
        "%(count)d callback that waits is given up.", "%(count)d callbacks that wait are given up.", waiting.total()
    )
    told = sum(bool(endpoint.owner_address) for endpoint in endpoints)
    mails = ngettext("%(count)d owner is mailed about it.", "%(count)d owners are mailed about it.", told)
    rows = [(endpoint.url, waiting[endpoint.url]) for endpoint in endpoints]
    return Effect(
        lines=[
            gettext("What happens from now on is not told to these addresses."),
            given_up % {"count": waiting.total()},
            mails % {"count": told} if told else gettext("Nobody is mailed."),
            gettext("Enabled again, they get what was given up only if somebody redelivers it."),
        ],
        parts=[Part(gettext("Endpoints"), rows, (gettext("Address"), gettext("Waiting")))],
    )


def of_skipping(deliveries: Sequence[Delivery]) -> Effect:
    text = ngettext(
        "%(count)d callback is not sent; those behind it go on.",
        "%(count)d callbacks are not sent; those behind them go on.",
        len(deliveries),
    )
    later = gettext("Redelivered later, they arrive after newer ones.")
    rows = [(row.endpoint.url, row.ordering_key) for row in deliveries]
    return Effect(
        lines=[text % {"count": len(deliveries)}, later],
        parts=[Part(gettext("Deliveries"), rows, (gettext("Address"), gettext("Ordering key")))],
        facts=[str(row.id) for row in deliveries],
    )


def of_ending_keys(count: int, waiting: int) -> Effect:
    ends = ngettext(
        "%(count)d key stops working in one day: what signs in with it is refused then.",
        "%(count)d keys stop working in one day: what signs in with them is refused then.",
        count,
    )
    signed = ngettext(
        "%(count)d callback that waits is signed with the new key too.",
        "%(count)d callbacks that wait are signed with the new key too.",
        waiting,
    )
    return Effect(lines=[ends % {"count": count}, *([signed % {"count": waiting}] if waiting else ())])
