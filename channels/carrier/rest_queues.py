"""REST: queues and their members."""

from typing import Any

from aiohttp import web

from channels.carrier.queues import Member
from channels.carrier.records import Queue
from channels.carrier.refusals import Refused
from channels.carrier.rest import (
    ACCOUNT,
    COMPANY,
    VERSION,
    Company,
    Form,
    form_of,
    found,
    is_url,
    page,
    path,
    rfc2822,
    settle,
    whole,
)
from channels.carrier.twiml import Source

QUEUE_MAX = 5_000


def routes() -> list[web.RouteDef]:
    """Twilio's paths."""
    queue = "/Queues/{sid:[^/.]+}"
    return [
        web.post(path("/Queues"), create_queue),
        web.get(path("/Queues"), list_queues),
        web.get(path(queue), fetch_queue),
        web.post(path(queue), update_queue),
        web.delete(path(queue), delete_queue),
        web.get(path(f"{queue}/Members"), list_members),
        web.get(path(f"{queue}/Members/{{call:[^/.]+}}"), fetch_member),
        web.post(path(f"{queue}/Members/{{call:[^/.]+}}"), take_member),
    ]


def shown_queue(company: Company, queue: Queue) -> dict[str, Any]:
    """As Twilio shows it."""
    uri = f"{VERSION}/Accounts/{queue.account_sid}/Queues/{queue.sid}"
    return {
        "date_updated": rfc2822(queue.date_updated),
        "current_size": len(company.switch.queues.waiting(queue)),
        "friendly_name": queue.friendly_name,
        "uri": f"{uri}.json",
        "account_sid": queue.account_sid,
        "average_wait_time": company.switch.queues.average(queue),
        "sid": queue.sid,
        "date_created": rfc2822(queue.date_created),
        "max_size": queue.max_size,
    }


def _queue(request: web.Request) -> Queue:
    queue: Queue = found(request.app[COMPANY].world.get(Queue, request.match_info["sid"]), request)
    return queue


def _max_size(form: Form, default: int) -> int:
    size = whole(form.get("MaxSize"), default)
    if not 0 <= size <= QUEUE_MAX:
        raise Refused(20001, f"MaxSize {size} is out of range")
    return size


async def create_queue(request: web.Request) -> web.Response:
    """A queue of a new name."""
    company, form = request.app[COMPANY], await form_of(request)
    name = form.get("FriendlyName", "")
    if not name or company.world.named(Queue, request[ACCOUNT].sid, name) is not None:
        raise Refused(22003 if name else 20001, name or "FriendlyName is required")
    queue = company.switch.queues.open(request[ACCOUNT].sid, name, _max_size(form, 1000))
    return web.json_response(shown_queue(company, queue), status=201)


async def list_queues(request: web.Request) -> web.Response:
    """All."""
    company = request.app[COMPANY]
    return page(
        request, "queues", (shown_queue(company, one) for one in company.world.all(Queue, request[ACCOUNT].sid))
    )


async def fetch_queue(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown_queue(request.app[COMPANY], _queue(request)))


async def update_queue(request: web.Request) -> web.Response:
    """Its name and size."""
    company, queue, form = request.app[COMPANY], _queue(request), await form_of(request)
    queue.friendly_name = form.get("FriendlyName", queue.friendly_name)
    queue.max_size = _max_size(form, queue.max_size)
    queue.date_updated = company.world.clock.now()
    return web.json_response(shown_queue(company, company.world.save(queue)))


async def delete_queue(request: web.Request) -> web.Response:
    """An empty one."""
    company, queue = request.app[COMPANY], _queue(request)
    if company.switch.queues.waiting(queue):
        raise Refused(20009, "the queue is not empty")
    company.world.delete(queue)
    return web.Response(status=204)


def _shown_member(company: Company, member: Member) -> dict[str, Any]:
    queue = member.queue
    uri = f"{VERSION}/Accounts/{queue.account_sid}/Queues/{queue.sid}/Members/{member.leg.call.sid}"
    waiting = company.switch.queues.waiting(queue)
    return {
        "call_sid": member.leg.call.sid,
        "date_enqueued": rfc2822(member.date_enqueued),
        "position": waiting.index(member) + 1 if member in waiting else 0,
        "uri": f"{uri}.json",
        "wait_time": company.switch.queues.waited(member),
        "queue_sid": queue.sid,
    }


def _member(request: web.Request) -> Member:
    waiting = request.app[COMPANY].switch.queues.waiting(_queue(request))
    wanted = request.match_info["call"]
    for member in waiting:
        if wanted in ("Front", member.leg.call.sid):
            return member
    raise Refused(20404, request.path)


async def list_members(request: web.Request) -> web.Response:
    """Who waits, first come first."""
    company = request.app[COMPANY]
    waiting = company.switch.queues.waiting(_queue(request))
    return page(request, "queue_members", [_shown_member(company, one) for one in waiting])


async def fetch_member(request: web.Request) -> web.Response:
    """One, by call or `Front`."""
    return web.json_response(_shown_member(request.app[COMPANY], _member(request)))


async def take_member(request: web.Request) -> web.Response:
    """Out of the queue, to a document."""
    company, member, form = request.app[COMPANY], _member(request), await form_of(request)
    if not is_url(form.get("Url")):
        raise Refused(21205, form.get("Url", ""))
    told = _shown_member(company, member)
    company.switch.redirect(member.leg, Source(form["Url"], form.get("Method", "POST")))
    await settle()
    return web.json_response(told)
