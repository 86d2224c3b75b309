"""Objects of devices and calls that belong to alice, and what passes by the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from activity.actors import Actor
from integrations.objects.models import Object
from integrations.objects.services.objects import create_object
from integrations.objects.signals import passing
from users.models import User

GATEWAY = Actor.by_service("gateway")
BEAT = {"ip_addr": "192.168.0.13", "mac_addr": "00:24:d6:83:c1:54", "sw_version": "1.0", "hw_version": "X86"}


def thing(owner: User, of_type: str, description: str = "") -> Object:
    return create_object(owner=owner, type=of_type, actor=Actor.by_api(owner), description=description)


@contextmanager
def listening() -> Iterator[list[dict[str, Any]]]:
    """What passes, without the sender; the people in the order of their ids."""
    heard: list[dict[str, Any]] = []

    def hear(**sent: Any) -> None:
        people = sent["user_ids"]
        heard.append({name: sent[name] for name in ("name", "object_id", "data", "key")} | {"user_ids": people})

    passing.connect(hear, weak=False)
    try:
        yield heard
    finally:
        passing.disconnect(hear)
