"""One file per kind of object; this lists them all for Django."""

from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.tags import Grant, Tag

__all__ = ["Grant", "Object", "ObjectTag", "Tag"]
