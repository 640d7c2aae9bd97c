"""The citizen's voice and pictures: who may have them has them, and each id is good only where it belongs."""

import pytest
from werkzeug.test import TestResponse

from tests.isolation.world import SECRET, World, add_call
from tests.people import refused, told

KEPT = {"recordings": "recording_id", "attachments": "attachment_id"}


def kept(world: World, who: str, ticket_id: str, kind: str) -> TestResponse:
    return world.person(who).send("GET", f"/tickets/{ticket_id}/{kind}/{world.things[KEPT[kind]]}")


def test_a_recording_is_heard_and_a_file_opened_by_the_tickets_own_people(world: World):
    """So the 404 of everybody else is a refusal, not an absence; the ticket's history tells of the call."""
    ticket, recording = world.things["ticket_id"], world.things["recording_id"]
    for who in ("own agent", "colleague", "own supervisor"):
        heard, seen = (kept(world, who, ticket, kind) for kind in KEPT)
        assert (heard.status_code, heard.data) == (200, f"{SECRET} six".encode()), who
        assert (seen.status_code, seen.data) == (200, f"{SECRET} sept".encode()), who
        (call,) = world.person(who).get(f"/tickets/{ticket}/calls")["items"]
        assert (call["id"], call["number"], call["interaction_id"]) == (
            world.things["call_id"],
            SECRET,
            world.things["interaction_id"],
        )
        assert [one["id"] for one in call["recordings"]] == [recording]


@pytest.mark.parametrize("kind", KEPT)
def test_nothing_is_had_through_another_ticket(world: World, kind: str):
    """Who may read some ticket names it with another's recording or file: there is none, of theirs or of the city."""
    for who in ("own agent", "agent elsewhere", "agent of another outsourcer", "supervisor of another outsourcer"):
        tickets = [one["id"] for one in world.person(who).get("/tickets")["items"]]
        others = [one for one in tickets if one != world.things["ticket_id"]]
        assert others, who
        refused(kept(world, who, others[0], kind), 404, "not_found")


def test_a_call_is_in_the_hand_of_who_talks(world: World):
    """They hold it, take it back and end it; to a colleague on the same ticket there is no such call."""
    emil = world.person("another own agent on the telephone")
    mine = add_call(world, emil)
    path = f"/interactions/{mine['interaction_id']}/call"
    try:
        for is_held in (True, False):
            assert told(emil.send("POST", f"{path}/hold", {"is_held": is_held}))["is_held"] is is_held

        for who in ("own agent", "own agent on the telephone", "colleague"):
            refused(world.person(who).send("POST", f"{path}/hold", {"is_held": True}), 404, "not_found")
            refused(world.person(who).send("POST", f"{path}/hang-up"), 404, "not_found")
        assert stage(world, mine["call_id"]) == ("talking", False)

        told(emil.send("POST", f"{path}/hang-up"), 204)
        assert stage(world, mine["call_id"]) == ("ended", False)
    finally:
        # The world is everybody's.
        world.ask("DELETE FROM recording WHERE call_id = %(it)s RETURNING 1", it=mine["call_id"])
        world.ask("DELETE FROM call WHERE id = %(it)s RETURNING 1", it=mine["call_id"])


def stage(world: World, call_id: str) -> tuple[str, bool]:
    (call,) = world.ask("SELECT stage, is_held FROM call WHERE id = %(it)s", it=call_id)
    return call["stage"], call["is_held"]
