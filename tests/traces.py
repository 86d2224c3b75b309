"""What a use case leaves behind: mails in the outbox and entries in the log."""

from django.db.models import Max

from activity.models import Activity, Audience
from mailer.models import OutgoingMail
from users.models import User


class Traces:
    """Everything that happened since it was made."""

    def __init__(self) -> None:
        self.old_mails = list(OutgoingMail.objects.values_list("pk", flat=True))
        self.position = Activity.objects.aggregate(Max("position"))["position__max"] or 0

    def mails(self) -> list[tuple[str, str, int]]:
        """(address, kind, SEQUENCE) of each mail, by address."""
        rows = OutgoingMail.objects.exclude(pk__in=self.old_mails)
        return sorted(rows.values_list("address", "kind", "sequence"))

    def activities(self) -> list[tuple[str, list[str]]]:
        """(kind, user names of the audience) of each activity, as they happened."""
        names = {user.pk: user.username for user in User.objects.all()}
        return [
            (activity.kind, sorted(names[row.user_id] for row in Audience.objects.filter(activity=activity)))
            for activity in self.log()
        ]

    def last(self, kind: str) -> Activity:
        return [activity for activity in self.log() if activity.kind == kind][-1]

    def is_empty(self) -> bool:
        return not self.mails() and not self.log()

    def log(self) -> list[Activity]:
        return list(Activity.objects.filter(position__gt=self.position).order_by("position"))
