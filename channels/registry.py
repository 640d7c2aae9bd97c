"""Which channels are on, and by which adapter each sends."""

from channels.base import Adapter
from channels.ledger import Ledger
from config.settings import Settings


def adapters(settings: Settings) -> dict[str, Adapter]:
    """Adapter by channel. A web chat needs none: its replies are sent once they are committed."""
    found: dict[str, Adapter] = {}
    if settings.ledger_url:
        found |= {channel: Ledger(settings.ledger_url) for channel in settings.channels_by_ledger}
    return found
