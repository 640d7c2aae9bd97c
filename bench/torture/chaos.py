"""Kills and pauses at random, by a seed: which role is next, how, and for how long."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random

import psutil

from bench.torture.stage import Stage

# How often each is chosen, against the others.
EVERYTHING: Mapping[str, int] = {
    "kill web-worker": 12,
    "kill web": 4,
    "kill dispatcher": 10,
    "kill relay": 7,
    "kill delivery": 6,
    "kill delivery-horse": 10,
    "kill default": 4,
    "kill default-horse": 3,
    "kill calls": 3,
    "kill calls-horse": 5,
    "kill ledger": 5,
    "kill redis": 6,
    "kill backend": 4,
    "kill postmaster": 3,
    "pause web-worker": 5,
    "pause dispatcher": 6,
    "pause delivery-horse": 5,
    "pause delivery": 2,
    "pause relay": 2,
    "pause ledger": 2,
    "pause redis": 1,
}
# From a moment to longer than any lease (2 s) and than a job may take (15 s, looked up after 20 s).
PAUSES: Mapping[str, tuple[float, float]] = {"dispatcher": (0.5, 8.0), "delivery-horse": (1.0, 26.0)}
_PAUSE = (0.5, 6.0)
# A work horse lives for a moment only.
LOOK_SECONDS = 2.0
# Between two deeds so many messages must have been accepted, unless it takes longer than this: killing what is still on
# its way back proves little, and on a slow machine nothing would ever come up.
ACCEPTED_BETWEEN = 3
DOWN_SECONDS_MAX = 20.0
Say = Callable[[str], None]


class Chaos(threading.Thread):
    """Does one thing after another until told to stop; what it paused goes on again in its time, or at the end."""

    def __init__(
        self, stage: Stage, seed: int, say: Say, accepted: Callable[[], int], deeds: Mapping[str, int], every: float
    ) -> None:
        """*accepted* counts the messages so far; *every* so many seconds, more or less, something is done."""
        super().__init__(name="chaos", daemon=True)
        self.kills: Counter[str] = Counter()
        self.pauses: Counter[str] = Counter()
        self.faults: list[str] = []
        self._stage, self._say, self._accepted = stage, say, accepted
        self._random = Random(f"{seed}:chaos")
        self._deeds, self._every = deeds, every
        self._stopping = threading.Event()
        self._paused: list[tuple[float, psutil.Process]] = []

    @property
    def deeds(self) -> int:
        """How much was done so far."""
        return self.kills.total() + self.pauses.total()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._do(self._random.choices(list(self._deeds), list(self._deeds.values()))[0])
                before = self._accepted()
                self._rest(self._every * self._random.uniform(0.4, 1.6))
                down_until = time.monotonic() + DOWN_SECONDS_MAX
                while self._accepted() < before + ACCEPTED_BETWEEN and time.monotonic() < down_until:
                    if self._stopping.is_set():
                        break
                    self._rest(0.2)
        except Exception as fault:
            self.faults.append(f"chaos: {type(fault).__name__}: {fault}")
        finally:
            self._wake(time.monotonic() + 3600)

    def stop(self) -> None:
        """No more from here on; everything that was paused runs again."""
        self._stopping.set()
        self.join()

    def _do(self, deed: str) -> None:
        verb, _, role = deed.partition(" ")
        seconds = self._random.uniform(*PAUSES.get(role, _PAUSE))
        victim = self._find(role)
        if victim is None:
            return
        with suppress(psutil.NoSuchProcess):
            if verb == "kill":
                victim.kill()
                self.kills[role] += 1
                self._say(f"killed {role} {victim.pid}")
            else:
                victim.suspend()
                self.pauses[role] += 1
                self._paused.append((time.monotonic() + seconds, victim))
                self._say(f"paused {role} {victim.pid} for {seconds:.1f} s")

    def _find(self, role: str) -> psutil.Process | None:
        """Somebody of that role; of the dispatchers mostly the one who leads."""
        deadline = time.monotonic() + LOOK_SECONDS
        while not (found := self._stage.find(role)) and time.monotonic() < deadline:
            time.sleep(0.01)
        if not found:
            return None
        if role == "dispatcher" and self._random.random() < 0.7:
            leader = self._stage.leader()
            found = [one for one in found if one.pid == leader] or found
        return self._random.choice(sorted(found, key=lambda one: one.pid))

    def _rest(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._stopping.wait(0.1):
            self._wake(time.monotonic())

    def _wake(self, moment: float) -> None:
        due = [one for until, one in self._paused if until <= moment]
        self._paused = [(until, one) for until, one in self._paused if until > moment]
        for one in due:
            with suppress(psutil.NoSuchProcess):
                one.resume()


def wake_all(stage: Stage) -> None:
    """Nothing of the house is paused any more, whoever paused it."""
    for one in stage.tree():
        with suppress(psutil.NoSuchProcess):
            if one.status() == psutil.STATUS_STOPPED:
                os.kill(one.pid, signal.SIGCONT)
