"""The company's state: records by kind and sid, clock, faults and ledger, and how it comes back after a restart."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from channels.carrier.clock import Clock
from channels.carrier.faults import Faults
from channels.carrier.ledger import Ledger
from channels.carrier.records import (
    KINDS,
    Account,
    Application,
    Call,
    Conference,
    Endpoint,
    Number,
    OptOut,
    Queue,
    Recording,
)

Record = TypeVar("Record")
LIVE = ("queued", "initiated", "ringing", "in-progress")


class World:
    """All records; `save` is the only way in, so that the ledger has each change."""

    def __init__(self, clock: Clock, faults: Faults, ledger: Ledger, folder: Path | None, public_url: str) -> None:
        self.clock = clock
        self.faults = faults
        self.ledger = ledger
        self.folder = folder
        self.public_url = public_url.rstrip("/")
        self._records: dict[type[Any], dict[str, Any]] = {kind: {} for kind in KINDS.values()}
        self._bytes: dict[str, bytes] = {}

    def save(self, record: Record) -> Record:
        """Keep *record* as it is now."""
        facts = asdict(record)  # type: ignore[call-overload]
        self._records[type(record)][facts["sid"]] = record
        self.ledger.note(type(record).__name__.lower(), at=self.clock.now(), **facts)
        return record

    def delete(self, record: Any) -> None:
        """Forget *record*; the ledger keeps that it was deleted."""
        self._records[type(record)].pop(record.sid, None)
        self.ledger.note("deleted", at=self.clock.now(), of=type(record).__name__.lower(), sid=record.sid)

    def get(self, kind: type[Record], sid: str) -> Record | None:
        """The record, or None."""
        found: Record | None = self._records[kind].get(sid)
        return found

    def all(self, kind: type[Record], account_sid: str | None = None) -> list[Record]:
        """Every record of a kind, of one account where it is given, oldest first."""
        found = list(self._records[kind].values())
        return [one for one in found if account_sid is None or one.account_sid == account_sid]

    def restore(self) -> list[Call]:
        """Read the ledger; the calls that were alive when it ended, which no restart brings back."""
        for line in self.ledger.read():
            kind, sid = line.pop("kind"), str(line.get("sid"))
            line.pop("at", None)
            if kind == "deleted":
                self._records[KINDS[line["of"]]].pop(sid, None)
            elif kind in KINDS:
                self._records[KINDS[kind]][sid] = KINDS[kind](**line)
        for conference in self.all(Conference):
            if conference.status != "completed":
                conference.status = "completed"
                self.save(conference)
        for recording in self.all(Recording):
            if recording.status == "in-progress":
                recording.status = "absent"
                self.save(recording)
        return [call for call in self.all(Call) if call.status in LIVE]

    def keep(self, sid: str, content: bytes) -> None:
        """Keep the bytes of a media file."""
        if self.folder is None:
            self._bytes[sid] = content
            return
        path = self.folder / "media" / sid
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def bytes_of(self, sid: str) -> bytes | None:
        """The bytes of a media file."""
        if self.folder is None:
            return self._bytes.get(sid)
        path = self.folder / "media" / sid
        return path.read_bytes() if path.exists() else None

    def number(self, phone_number: str, account_sid: str | None = None) -> Number | None:
        """The customer's number that reads *phone_number*, words without regard to case."""
        for one in self.all(Number, account_sid):
            if one.phone_number.casefold() == phone_number.casefold():
                return one
        return None

    def endpoint(self, number: Number, channel: str) -> Endpoint:
        """Where requests about *number* go: its application's, if it has one for `voice` or `sms`."""
        sid = number.voice_application_sid if channel == "voice" else number.sms_application_sid
        return (self.get(Application, sid) if sid else None) or number

    def account(self, sid: str) -> Account:
        """The account of a record."""
        return self._records[Account][sid]  # type: ignore[no-any-return]

    def named(self, kind: type[Queue] | type[Conference], account_sid: str, name: str) -> Any:
        """The queue, or the conference that is not over, of that name."""
        for one in self.all(kind, account_sid):
            if one.friendly_name == name and getattr(one, "status", "") != "completed":
                return one
        return None

    def is_opted_out(self, sender: str, phone: str) -> bool:
        """This phone has said STOP to this sender."""
        found = self.get(OptOut, f"{sender}>{phone}")
        return found is not None and found.is_out
