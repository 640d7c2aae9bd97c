"""A priority queue from which anything can be taken out: what was taken out is dropped when met, and kept few."""

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID


class _Item(Protocol):
    @property
    def id(self) -> UUID: ...


_Order = TypeVar("_Order", float, tuple[float, ...])
_T = TypeVar("_T", bound=_Item)
# The serial number keeps items themselves from ever being compared.
Entry: TypeAlias = tuple[_Order, UUID, int, _T]
_STALE_MIN = 32  # below this, compacting costs more than it saves


class LazyHeap(ABC, Generic[_Order, _T]):
    """Items by order, smallest first, their id breaking ties. `head` is the first entry, None when empty.

    Each item keeps the entry by which it is in, and so says which entries are live: no index is kept beside the heap,
    for with many items looking them up costs more than ordering them.
    """

    __slots__ = ("_entries", "_serial", "_size", "head")

    def __init__(self) -> None:
        self._entries: list[Entry[_Order, _T]] = []
        self._serial = count()
        self._size = 0
        self.head: Entry[_Order, _T] | None = None

    @abstractmethod
    def _is_live(self, entry: Entry[_Order, _T]) -> bool:
        """The item is in by this very entry."""

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[_T]:
        return (entry[3] for entry in self._entries if self._is_live(entry))

    def push(self, item: _T, order: _Order) -> Entry[_Order, _T]:
        """Put *item* in; the caller lets the item keep the entry. O(log n)"""
        entry = (order, item.id, next(self._serial), item)
        heappush(self._entries, entry)
        self._size += 1
        if self.head is None or entry < self.head:
            self.head = entry
        return entry

    def drop(self, entry: Entry[_Order, _T]) -> None:
        """Take out the item of *entry*, which has let go of it. O(log n), amortised."""
        self._size -= 1
        if entry is self.head or len(self._entries) > 2 * self._size + _STALE_MIN:
            self._settle()

    def first(self, hidden: Container[UUID]) -> Entry[_Order, _T] | None:
        """The first entry whose id is not *hidden*. O(hidden log n)"""
        passed = []
        while self.head is not None and self.head[1] in hidden:
            passed.append(heappop(self._entries))
            self._settle()
        found = self.head
        for entry in passed:
            heappush(self._entries, entry)
        self._settle()
        return found

    def _settle(self) -> None:
        """Find the head again; compact when most entries are stale."""
        entries = self._entries
        if len(entries) > 2 * self._size + _STALE_MIN:
            entries[:] = filter(self._is_live, entries)
            heapify(entries)
        while entries and not self._is_live(entries[0]):
            heappop(entries)
        self.head = entries[0] if entries else None
