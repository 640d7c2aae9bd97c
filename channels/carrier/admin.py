"""What an operator of the company sets: accounts, numbers, phones, faults, the clock; JSON under `/carrier/admin`.

A configuration file has the same shape: `{"account": [{…}], "number": [{…}], "application": …, "service": …,
"subscriber": …}`, each entry the fields of `records.py`; a number may leave out its `sid`.
"""

from collections import Counter
from dataclasses import fields
from hashlib import md5
from typing import Any

from aiohttp import web

from channels.carrier.records import KINDS, Account, Call, Message
from channels.carrier.rest import COMPANY
from channels.carrier.world import World

SET = ("account", "application", "number", "service", "subscriber", "optout")


def routes() -> list[web.RouteDef]:
    """The operator's door."""
    return [
        web.get("/livez", alive),
        web.get("/carrier/admin/state", show_state),
        web.get("/carrier/admin/faults", show_faults),
        web.put("/carrier/admin/faults", set_faults),
        web.put("/carrier/admin/clock", set_clock),
        web.post("/carrier/admin/webhook", send_webhook),
        web.get("/carrier/admin/{kind}", show_kind),
        web.put("/carrier/admin/{kind}", put_one),
    ]


def put(world: World, kind: str, facts: dict[str, Any]) -> Any:
    """Make a record, or change the fields that *facts* names.

    Raises:
        ValueError: an unknown kind or field, or something is missing.
    """
    if kind not in SET:
        raise ValueError(f"unknown kind {kind}")
    cls = KINDS[kind]
    unknown = set(facts) - {one.name for one in fields(cls)}
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(sorted(unknown))}")
    if kind == "number" and "sid" not in facts:
        # The same number keeps its sid over restarts.
        told = f"{facts.get('account_sid')}{facts.get('phone_number')}"
        facts = {"sid": "PN" + md5(told.encode(), usedforsecurity=False).hexdigest(), **facts}
    try:
        record = world.get(cls, facts["sid"])
        if record is None:
            record = cls(**{**({"date_created": world.clock.now()} if _is_dated(cls) else {}), **facts})
    except (TypeError, KeyError) as fault:
        raise ValueError(f"{kind}: {fault}") from fault
    if "account_sid" in facts and world.get(Account, facts["account_sid"]) is None:
        raise ValueError(f"{kind}: no account {facts['account_sid']}")
    for name, value in facts.items():
        setattr(record, name, value)
    return world.save(record)


def _is_dated(cls: type[Any]) -> bool:
    return any(one.name == "date_created" for one in fields(cls))


def configure(world: World, told: dict[str, Any]) -> None:
    """Take a configuration.

    Raises:
        ValueError: it has a mistake.
    """
    for kind in told:
        if kind not in SET:
            raise ValueError(f"unknown kind {kind}")
    for kind in SET:
        for facts in told.get(kind, []):
            put(world, kind, dict(facts))


async def alive(_request: web.Request) -> web.Response:
    """Yes."""
    return web.json_response({"status": "ok"})


async def show_state(request: web.Request) -> web.Response:
    """How much of what there is, for who waits until all is quiet."""
    company = request.app[COMPANY]
    told = {
        "live_calls": len(company.switch.legs),
        "calls": Counter(one.status for one in company.world.all(Call)),
        "messages": Counter(f"{one.direction} {one.status}" for one in company.world.all(Message)),
        "untold_messages": sum(one.direction == "inbound" and not one.is_told for one in company.world.all(Message)),
        "webhooks_under_way": company.switch.webhooks.under_way,
        "speed": company.world.clock.speed,
        "ledger": str(company.world.ledger.path or ""),
    }
    return web.json_response(told)


async def show_faults(request: web.Request) -> web.Response:
    """Rates and next ones."""
    return web.json_response(request.app[COMPANY].world.faults.show())


async def set_faults(request: web.Request) -> web.Response:
    """`{"seed": 1, "rest": {"drop": 0.02, "next": ["error_429"]}, "webhook": {"duplicate": 0.05}}`."""
    faults = request.app[COMPANY].world.faults
    try:
        faults.take(await request.json())
    except (ValueError, TypeError, AttributeError) as fault:
        return web.json_response({"code": str(fault)}, status=400)
    return web.json_response(faults.show())


async def set_clock(request: web.Request) -> web.Response:
    """`{"speed": 10}`."""
    try:
        speed = float((await request.json())["speed"])
        if not 0.01 <= speed <= 1000:
            raise ValueError("speed is from 0.01 to 1000")
    except (ValueError, TypeError, KeyError) as fault:
        return web.json_response({"code": str(fault)}, status=400)
    request.app[COMPANY].world.clock.set_speed(speed)
    return web.json_response({"speed": speed})


async def send_webhook(request: web.Request) -> web.Response:
    """Send one request as it is told, to try a customer's checks: see `webhooks.send`."""
    company = request.app[COMPANY]
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        told = dict(await request.json())
    except (ValueError, TypeError):
        raise web.HTTPBadRequest from None
    account = company.world.get(Account, told.get("account_sid", ""))
    if account is None or not str(told.get("url", "")).startswith("http"):
        return web.json_response({"code": "account_sid and url are needed"}, status=400)
    return web.json_response(await company.switch.webhooks.send(account, told))


async def show_kind(request: web.Request) -> web.Response:
    """All records of a kind."""
    cls = KINDS.get(request.match_info["kind"])
    if cls is None:
        raise web.HTTPNotFound
    return web.json_response([vars(one) for one in request.app[COMPANY].world.all(cls)])


async def put_one(request: web.Request) -> web.Response:
    """Make or change one."""
    world = request.app[COMPANY].world
    try:
        record = put(world, request.match_info["kind"], dict(await request.json()))
    except (ValueError, TypeError) as fault:
        return web.json_response({"code": str(fault)}, status=400)
    await world.ledger.synced()
    return web.json_response(vars(record))
