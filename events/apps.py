from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        from anymail.signals import inbound  # noqa: PLC0415

        from events import invitee_import  # noqa: F401, PLC0415 - the pages of imports find it when it is imported
        from events.webhooks import receive  # noqa: PLC0415
        from users.signals import address_gained  # noqa: PLC0415 - models load after the app registry

        inbound.connect(receive, dispatch_uid="events.inbound")
        address_gained.connect(_claim_invites, dispatch_uid="events.claim_invites")


def _claim_invites(sender: Any, user: Any, **kwargs: Any) -> None:
    from activity.actors import Actor  # noqa: PLC0415 - models load after the app registry
    from events.services.claims import claim_invites  # noqa: PLC0415

    claim_invites(user=user, actor=Actor.by_api(user))
