"""The voice valve of the tests' pool, in the hands of a test."""

import time
from uuid import UUID

import redis
from sqlalchemy import select

from contact.models import Call, Campaign, Endpoint, Pool
from contact.scope import Scope
from contact.valve import Keys, SharedValve, Snapshot
from routing.admission import Limits
from tests.carrier.company import Phone, eventually
from tests.people import Staff
from tests.phone.telephony import Office

SHUT = Limits(0.0, 0.0)


class Door:
    """What the dispatcher would tell of the office's campaign."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.store = redis.Redis.from_url(office.settings.redis_url)
        with office.database.reading(Scope(action="test", tenant_id=office.tenant_id)) as session:
            self.pool_id: UUID = session.scalars(select(Pool.id)).one()
            self.campaign_id: UUID = session.scalars(
                select(Campaign.id)
                .join(Endpoint, Endpoint.campaign_id == Campaign.id)
                .where(Endpoint.address == office.number)
            ).one()
        self.valve = SharedValve(self.store, self.pool_id, 1)
        # How much there is for whoever was refused before.
        self.shares = 0.0

    def tell(self, limits: Limits = SHUT) -> None:
        """This is how many are let in from now on: nobody, unless it is said; and nobody is idle."""
        keys = Keys(self.pool_id)
        epoch = int(self.store.get(keys.of("epoch")) or 0)
        assert self.valve.write(
            epoch, {}, {self.campaign_id: Snapshot(limits._replace(burst=max(limits.burst, self.shares)))}
        )
        if self.shares:
            bucket = {"tokens": 0, "floor": 0, "returning": self.shares, "at": time.time()}
            self.store.hset(keys.of("bucket", self.campaign_id), mapping=bucket)


def refused(office: Office, door: Door, phone: Phone | None = None, key: str = "1", **how: str) -> Phone:
    """Somebody calls, says what about, and is not let in."""
    phone = office.calls_in(phone, **how)
    phone.hears("tapez 1")
    door.tell()
    phone.do("press", digits=key)
    phone.hears("Beaucoup de personnes appellent")
    return phone


def called_back(office: Office, agent: Staff, citizen: Phone) -> Phone:
    """The agent is offered the promised call, takes it, and the citizen's phone rings; gives the agent's browser."""
    office.router.step()
    assignment = agent.accept()
    browser = office.browser(agent)
    office.connect(browser, assignment["interaction_id"])
    eventually(lambda: office.rows(Call, stage="calling"), "the agent is on the line")
    office.work_off()
    citizen.event("ringing")
    return browser
