"""GET and HEAD /rsvp/<token> show an invitation, POST answers it.

Programs that look at links in mails send GET and HEAD, and some send POST: without the page's own token it changes
nothing. The page names no way into the meeting: who has the link may not be who was invited.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events import access
from events.rsvp import form as forms
from events.rsvp.form import ANSWERS, AnswerForm
from events.rsvp.shown import Invitation, is_date, language_of, zone_of
from events.services.inviting import AnyInvite
from events.services.rsvp import NoSuchOccurrence, answer_on_page
from rest.errors import Forbidden, NotFound, TooManyRequests

LONGEST_BODY = 64 * 1024  # bytes; the longest answer in letters of three bytes each has a fifth of it
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@csrf_exempt  # the page has its own token: see events/rsvp/form.py
@require_http_methods(["GET", "HEAD", "POST"])
def rsvp_page(request: HttpRequest, token: str) -> HttpResponse:
    invite = access.answered_with(token, timezone.now())
    with translation.override(_language(request, invite)):
        if invite is None:
            response = render(request, "pages/answer_gone.html", status=404)
        elif request.method == "POST":
            response = _answered(request, invite, token)
        else:
            response = _shown(request, invite, token)
        _add_headers(response, HEADERS | {"Content-Language": get_language() or ""})
    return response


def _language(request: HttpRequest, invite: AnyInvite | None) -> str:
    """What was chosen on the page or on another one, else the receiver's, else the browser's."""
    known = language_of(invite) if invite is not None and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES else ""
    for wanted in (request.GET.get("language", ""), known.replace("_", "-")):
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return get_language() or settings.LANGUAGE_CODE


def _shown(request: HttpRequest, invite: AnyInvite, token: str) -> HttpResponse:
    wanted = request.GET.get("occurrence", "")
    chosen = wanted if is_date(invite.event, wanted) else ""
    invitation = _invitation(invite, chosen)
    initial = invitation.present(chosen) | {"proposed_zone": zone_of(invite)}
    if (answer := request.GET.get("answer")) in ANSWERS:
        initial["answer"] = str(answer)
    form = AnswerForm(invite, initial=initial)
    saved = invitation.saved(request.GET.get("saved", ""))
    return _page(request, invitation, form, token, saved=saved, is_unknown_date=bool(wanted) and not chosen)


def _answered(request: HttpRequest, invite: AnyInvite, token: str) -> HttpResponse:
    """To the page that shows what was saved; else the page again, with what was typed and what is wrong with it."""
    posted = _posted(request)
    if posted is None:
        form = AnswerForm(invite, initial={"proposed_zone": zone_of(invite)})
        told = gettext("Your answer could not be read. Nothing has been saved. Please fill in the form once more.")
        return _page(request, _invitation(invite), form, token, status=400, told=told)
    form = AnswerForm(invite, data=posted)
    status, told, headers = 422, "", {}
    if not forms.comes_from_the_page(invite, posted.get("page", "")):
        form.errors.clear()
        status = 403
        told = gettext("This page was open for too long. Nothing has been saved yet. Please send it once more.")
    elif form.is_valid():
        try:
            reply = answer_on_page(invite=invite, **form.values())
        except NoSuchOccurrence:
            form.add_error("occurrence", forms.no_such_occurrence())
        except TooManyRequests as error:
            status, headers = 429, {"Retry-After": str(error.wait)}
            told = gettext("You have answered very often in the last hour. Please try again later.")
        except (NotFound, Forbidden):
            return render(request, "pages/answer_gone.html", status=404)
        else:
            return _redirect(request, token, reply.pk)
    chosen = posted.get("occurrence", "")
    invitation = _invitation(invite, chosen if is_date(invite.event, chosen) else "")
    response = _page(request, invitation, form, token, status=status, told=told)
    _add_headers(response, headers)
    return response


def _add_headers(response: HttpResponse, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        response[name] = value


def _posted(request: HttpRequest) -> QueryDict | None:
    """None where it is not what a form sends, or far longer than this one can be."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_short = length.isdecimal() and int(length) <= LONGEST_BODY
    if request.content_type != "application/x-www-form-urlencoded" or not is_short:
        return None
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, UnreadablePostError):
        return None


def _redirect(request: HttpRequest, token: str, reply_id: uuid.UUID) -> HttpResponse:
    """Looked at once more, the page sends nothing again."""
    query = QueryDict(mutable=True)
    query["saved"] = str(reply_id)
    if "language" in request.GET:
        query["language"] = get_language()
    return HttpResponseRedirect(f"{reverse('rsvp', args=[token])}?{query.urlencode()}", status=303)


def _invitation(invite: AnyInvite, chosen: str = "") -> Invitation:
    return Invitation(invite, language=_spelling(invite), now=timezone.now(), chosen=chosen)


def _spelling(invite: AnyInvite) -> str:
    """How dates are written: as the receiver's region does, where the page is in that language."""
    active, own = get_language() or settings.LANGUAGE_CODE, language_of(invite).replace("_", "-")
    return own if own.partition("-")[0].lower() == active.partition("-")[0] else active


def _page(
    request: HttpRequest,
    invitation: Invitation,
    form: AnswerForm,
    token: str,
    *,
    status: int = 200,
    told: str = "",
    **more: Any,
) -> HttpResponse:
    context = invitation.context | {
        "form": form,
        "told": told,
        "answers": list(ANSWERS.items()),
        "zone_options": forms.zone_options(),
        "longest_comment": forms.LONGEST_COMMENT,
        "page": forms.page_token(invitation.invite),
        "path": reverse("rsvp", args=[token]),
    }
    return render(request, "pages/rsvp.html", context | more, status=status)
