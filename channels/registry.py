"""Which channels are on, and by which adapter each sends: an account's own provider, else the console adapter."""

from channels.base import Adapter, Provider
from channels.ledger import Ledger
from channels.twilio.adapter import Twilio
from config.settings import Settings
from contact.domain.carrier import Account

# Those with a door, by the provider of an account; those that need none; and all, by name: nobody else sends.
# tests/contract/ holds each to the same promises.
PROVIDERS = {"twilio": Twilio}
CONSOLE = {"ledger": Ledger}
ADAPTERS: dict[str, type[Adapter]] = {**CONSOLE, **PROVIDERS}


def provider(settings: Settings, account: Account) -> Provider:
    """The adapter of an account."""
    return PROVIDERS[account.provider](settings, account)


def adapter(settings: Settings, channel: str, account: Account | None) -> Adapter | None:
    """By whom a message of *channel* leaves whose number is at *account*; None while the channel is off.

    A web chat needs nobody: its replies are sent once they are committed.
    """
    if account is not None:
        return provider(settings, account)
    if settings.ledger_url and channel in settings.channels_by_ledger:
        return CONSOLE["ledger"](settings.ledger_url)
    return None
