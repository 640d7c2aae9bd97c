"""A priority queue from which anything can be taken out: stale entries are dropped when met, and kept few."""

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


class LazyHeap(Generic[_Order, _T]):
    """Items by order, smallest first, their id breaking ties. `head` is the first entry, None when empty."""

    __slots__ = ("_entries", "_orders", "_serial", "head")

    def __init__(self) -> None:
        self._entries: list[Entry[_Order, _T]] = []
        self._orders: dict[_T, _Order] = {}
        self._serial = count()
        self.head: Entry[_Order, _T] | None = None

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[_T]:
        return iter(self._orders)

    def __contains__(self, item: object) -> bool:
        return item in self._orders

    def put(self, item: _T, order: _Order) -> bool:
        """Give *item* this order; False when it has it already. O(log n)"""
        if self._orders.get(item) == order:
            return False
        self._orders[item] = order
        entry = (order, item.id, next(self._serial), item)
        heappush(self._entries, entry)
        if self.head is None or entry < self.head:
            self.head = entry
        elif item is self.head[3]:
            self._settle()
        return True

    def discard(self, item: _T) -> None:
        """Take *item* out, if it is in. O(log n), amortised."""
        if self._orders.pop(item, None) is None or self.head is None:
            return
        if item is self.head[3] or len(self._entries) > 2 * len(self._orders) + _STALE_MIN:
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
        entries, orders = self._entries, self._orders
        if len(entries) > 2 * len(orders) + _STALE_MIN:
            entries[:] = [(order, item.id, next(self._serial), item) for item, order in orders.items()]
            heapify(entries)
        while entries and orders.get(entries[0][3]) != entries[0][0]:
            heappop(entries)
        self.head = entries[0] if entries else None
