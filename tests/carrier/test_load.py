"""The command that scripts people."""

import json
import subprocess
import sys

from tests.carrier.company import ROOT, Customer, figures


def load(customer: Customer, steps: list[list[object]], people: int) -> tuple[int, dict[str, object]]:
    told = [f"--url={customer.company.url}", f"--people={people}", f"--steps={json.dumps(steps)}", "--spread=0.2"]
    first = f"--first=6{figures(6)}00"
    done = subprocess.run(
        [sys.executable, "-m", "channels.carrier", "load", *told, first],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_callers(customer: Customer):
    """Each calls, waits for words, presses, hears the answer; the report counts who came through, and why not."""
    document = "<Response><Gather numDigits='1' action='menu'><Say>Tapez 1</Say></Gather></Response>"
    customer.site.on("voice", document)
    customer.site.on("menu", "<Response><Say>Merci</Say><Pause length='1000'/></Response>")
    steps = [["call", customer.number], ["wait", "tapez", 60], ["press", "1"], ["wait", "merci", 60], ["hangup"]]

    code, report = load(customer, steps, 8)

    assert (code, report["outcomes"]) == (0, {"done": 8})
    assert len(customer.site.told("menu")) == 8
    code, report = load(customer, [["call", customer.number], ["press", "x"]], 1)
    assert (code, report["outcomes"]) == (1, {"bad_digits": 1})


def test_texters(customer: Customer):
    """Each sends a text of its own and waits for the answer."""
    customer.site.on("sms", "<Response><Message>Bien noté</Message></Response>")

    code, report = load(customer, [["text", customer.number, "dossier {n}"], ["wait_text", "noté", 60]], 5)

    assert (code, report["outcomes"]) == (0, {"done": 5})
    assert {one["Body"] for one in customer.site.told("sms")} == {f"dossier {n}" for n in range(5)}
