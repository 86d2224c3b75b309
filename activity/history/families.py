"""What the kinds of the other catalogues are called, each in a file of its own beside this one."""

from typing import Any

from activity.history.device_wording import DEVICES
from activity.history.media_wording import MEDIA
from activity.history.object_wording import OBJECTS
from activity.history.produced_wording import PRODUCED
from activity.history.reader_wording import READERS

FAMILIES: dict[str, tuple[Any, Any]] = {**DEVICES, **MEDIA, **OBJECTS, **PRODUCED, **READERS}
