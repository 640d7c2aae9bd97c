"""The throttle's settings that a campaign's policy document means; nothing else reads them out of it."""

from datetime import date

from contact.domain import policy
from contact.domain.documents import Document
from routing.admission import AdmissionPolicy, Mode
from routing.throttle import Band, ThrottlePolicy

_YES_OR_NO = ("promise_broken", "returns_our_call")


def throttle_of(document: Document, day: date) -> ThrottlePolicy:
    """The pace of that day: a peak period has a target and a floor of its own."""
    pace, modes = document["pace"], document["modes"]
    told = policy.peak_on(document, day) or pace
    advise, throttle, essential_only = (
        Band(float(modes[one]["enter_seconds"]), float(modes[one]["exit_seconds"])) for one in policy.MODES
    )
    return ThrottlePolicy(
        target_wait_seconds=float(told["target_wait_seconds"]),
        floor_share=told["floor_percent"] / 100,
        returning_share=pace["returning_percent"] / 100,
        bands=(advise, throttle, essential_only),
        dwell_seconds=60.0 * pace["dwell_minutes"],
    )


def admission_of(document: Document, number: int, mode: Mode, line: str) -> AdmissionPolicy:
    """What version *number* decides of a call on this kind of line in this mode."""
    pace = document["pace"]
    described = "advise" if mode is Mode.OPEN else mode.value
    offers = document["modes"][described]["alternatives"][line]
    return AdmissionPolicy(
        version=number,
        alternatives=tuple(one for one in offers if policy.keeps_place(document, one, line)),
        exemptions=exemptions_of(document),
        sticky_seconds=60.0 * pace["sticky_minutes"],
        wait_cap_seconds=None if pace["wait_cap_seconds"] is None else float(pace["wait_cap_seconds"]),
    )


def exemptions_of(document: Document) -> frozenset[str]:
    """The reasons that exempt, by the codes of `AdmissionPolicy`."""
    told = document["exemptions"]
    found = {reason for reason in _YES_OR_NO if told[reason]}
    found |= {"need"} if told["declared_need"] else set()
    found |= {"deadline"} if told["deadline_days"] is not None else set()
    found |= {"safety"} if told["safety_topics"] else set()
    return frozenset(found)
