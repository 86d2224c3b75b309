"""The page behind a link in an organizer's mail: another time that somebody proposed, to accept or to refuse."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activity.actors import Actor
from calendars import recurrence, split, words
from calendars.times import is_zone
from events import answers
from events.decisions import proposal_of
from events.models import Event
from events.rsvp.form import TextField
from events.schedule import InvalidEvent
from events.services.proposals import ProposalDecided, accept_proposal, refuse_proposal
from invites.models import Reply
from rest.errors import NotFound

ACCEPT, REFUSE = "accept", "refuse"


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[(ACCEPT, ACCEPT), (REFUSE, REFUSE)])
    comment = TextField(
        label=_("Comment, if you refuse"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_page(request: HttpRequest, token: str) -> HttpResponse:
    """Only a POST with the page's CSRF token decides: programs that look at links in mails send GET."""
    found = proposal_of(token)
    if found is None:
        return _private(render(request, "pages/gone.html", status=404))
    event, reply = found
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            decide(event, reply, form.cleaned_data, Actor.by_page(event.created_by))
            return _private(redirect(request.path))
        except ProposalDecided:
            reply.refresh_from_db(fields=["proposal_state"])
            status = 409
        except InvalidEvent as error:
            form.add_error(None, str(error.detail))
            status = 422
        except NotFound:
            return _private(render(request, "pages/gone.html", status=404))
    return _private(render(request, "pages/proposal.html", shown(event, reply) | {"form": form}, status=status))


def decide(event: Event, reply: Reply, data: dict[str, str], actor: Actor) -> None:
    """`data` of a DecisionForm. Raises what the services raise."""
    if data["decision"] == ACCEPT:
        accept_proposal(event=event, proposal_id=reply.pk, actor=actor)
    else:
        refuse_proposal(event=event, proposal_id=reply.pk, actor=actor, comment=data["comment"])


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a key: it goes to no search engine and to no other site."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def shown(event: Event, reply: Reply) -> dict[str, object]:
    """The values of a page about a proposal."""
    days = answers.proposes_days(event, reply)
    return {
        "event": event,
        "reply": reply,
        "is_open": reply.proposal_state == Reply.ProposalState.OPEN,
        "who": answers.name_of(reply) or reply.address,
        "planned": _planned(event, reply),
        "proposed": _in_words(event, reply.proposed_starts_at, reply.proposed_ends_at, is_all_day=days),
    }


def _planned(event: Event, reply: Reply) -> str:
    """What would be moved, as it is now; of a series the date that is nearest to the proposed one."""
    series = event.as_series()
    if series is None or reply.proposed_starts_at is None:
        return gettext("At no fixed time")
    name = reply.occurrence or split.nearest(series, reply.proposed_starts_at)
    found = recurrence.named(series, name, (exception.as_override() for exception in event.exceptions.all()))
    return _in_words(event, found.starts_at, found.ends_at, is_all_day=series.is_all_day)


def _in_words(event: Event, start: datetime | None, end: datetime | None, *, is_all_day: bool = False) -> str:
    """By the organizer's clock; days are those of the meeting's zone."""
    zones = (event.starts_at_zone,) if is_all_day else (event.created_by.time_zone, event.starts_at_zone)
    zone, locale = next(filter(is_zone, zones), "UTC"), get_language() or "en"
    return words.describe_time(start, end, zone=zone, is_all_day=is_all_day, locale=locale) if start and end else ""
