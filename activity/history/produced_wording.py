"""Names and sentences of what only producers report; wording.py says what they may name."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PRODUCED: dict[str, tuple[Promise, Promise]] = {
    "call_record.created": (
        _("Call recorded in a call list"),
        _("%(who)s reported a call from %(calling_number)s to %(called_number)s"),
    ),
    "transcript.created": (_("Transcript made"), _("%(who)s reported a transcript of %(object)s")),
    "converged_recording.created": (
        _("Recording made elsewhere"),
        _("%(who)s reported a recording of %(object)s that is kept elsewhere"),
    ),
    "attachment_action.created": (
        _("Form in a message filled in"),
        _("%(who)s reported that somebody filled in a form in %(object)s"),
    ),
    "business_text.created": (
        _("Text message of a business number"),
        _("%(who)s reported a text message from %(from_number)s to %(to_number)s"),
    ),
    "file_transcoding.created": (_("File converted"), _("%(who)s reported that a file was converted: %(filename)s")),
    "meeting_message.created": (
        _("Message in a meeting held elsewhere"),
        _("%(who)s reported a message in %(object)s"),
    ),
    "meeting_message.deleted": (
        _("Message in a meeting held elsewhere deleted"),
        _("%(who)s reported that a message in %(object)s was deleted"),
    ),
    "extra.reported": (_("Report of a registered kind"), _("%(who)s reported about %(object)s: %(report_type)s")),
}
