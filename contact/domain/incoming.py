"""What comes in by a channel that has no page of ours."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """An SMS or MMS as its provider brings it. *media*: (address at the provider, its word for the type)."""

    provider: str
    provider_id: str
    sender: str
    to: str
    body: str = field(repr=False)
    media: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def kept(self) -> dict[str, Any]:
        """In JSON."""
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Text":
        """From its JSON."""
        media = tuple((str(url), str(kind)) for url, kind in kept["media"])
        return cls(**{**kept, "media": media})
