"""What several ask in the same moment is done at once: one transaction and one commit for all, an answer for each."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from contact.domain.errors import Unavailable

AT_ONCE_MAX = 32
Asked = TypeVar("Asked")
Told = TypeVar("Told")
log = structlog.get_logger()


class _Turn(Generic[Asked, Told]):
    """One who asks. *woken* is released once they have their answer, or shall do the work."""

    __slots__ = ("asked", "fault", "is_done", "told", "woken")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.told: Told | None = None
        self.fault: Unavailable | None = None
        self.is_done = False
        self.woken = threading.Lock()
        self.woken.acquire()


class Together(Generic[Asked, Told]):
    """Lines in which those who come while work is under way are served together, next.

    It has no clock and no thread: whoever comes to an idle line does the work at once and alone; the first of those who
    came meanwhile does it for all of them, and so on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Of the lines in which somebody is at work.
        self._waiting: dict[str, list[_Turn[Asked, Told]]] = {}

    def ask(self, line: str, asked: Asked, work: Callable[[list[Asked]], list[Told | None]]) -> Told | None:
        """What *work* tells of *asked*, each in its place; None when it tells nothing of it, or failed: do it alone.

        Whose *work* is called, of those who wait in *line*, is left open: each must do the same.

        Raises:
            Unavailable: *work* did, while one was served or waited.
        """
        mine: _Turn[Asked, Told] = _Turn(asked)
        with self._lock:
            waiting = self._waiting.get(line)
            if waiting is None:
                self._waiting[line] = []
            else:
                waiting.append(mine)
        if waiting is not None:
            mine.woken.acquire()
        if not mine.is_done:
            self._serve(line, mine, work)
        if mine.fault is not None:
            raise mine.fault
        return mine.told

    def _serve(self, line: str, first: _Turn[Asked, Told], work: Callable[[list[Asked]], list[Told | None]]) -> None:
        """Do the work for *first* and those who wait; then it is the next one's."""
        with self._lock:
            waiting = self._waiting[line]
            turns = [first, *waiting[: AT_ONCE_MAX - 1]]
            del waiting[: AT_ONCE_MAX - 1]
        try:
            for turn, told in zip(turns, work([turn.asked for turn in turns]), strict=True):
                turn.told = told
        except Unavailable:
            # Nor is there anybody to ask for those behind: a vain try for each moment of them would be their wait.
            with self._lock:
                turns += waiting
                waiting.clear()
            for turn in turns:
                turn.fault = Unavailable()
        except Exception as fault:
            log.warning("together_failed", count=len(turns), fault=type(fault).__name__)
        finally:
            self._hand_on(line, turns)

    def _hand_on(self, line: str, turns: list[_Turn[Asked, Told]]) -> None:
        with self._lock:
            waiting = self._waiting[line]
            heir = waiting.pop(0) if waiting else None
            if heir is None:
                del self._waiting[line]
        if heir is not None:
            heir.woken.release()
            # Let them begin, first of all: the next work is under way while these here are answered.
            time.sleep(0)
        for turn in turns:
            turn.is_done = True
            turn.woken.release()
