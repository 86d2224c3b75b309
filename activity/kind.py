"""What all kinds of activity have in common."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from activity.audiences import Rule


@dataclass(frozen=True, kw_only=True)
class Kind:
    name: ClassVar[str]
    version: ClassVar[int] = 1
    audience: ClassVar[Rule]

    def data(self) -> dict[str, Any]:
        return asdict(self)
