"""Entries that apps register by name, and the order in which they come. Pure."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

ALL_OTHERS = "all others"
"""The place of entries that come last, after those of every app."""

Entry = TypeVar("Entry")
_registers: list["Register[Any]"] = []


class Register(Generic[Entry]):
    """Entries of one kind by name, in an order that needs no numbers.

    An entry may name the entry that it follows. The others come in the order in which they were
    registered, which is the order of the apps in INSTALLED_APPS.
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, Entry] = {}
        self._after: dict[str, str] = {}
        self._ordered: dict[str, Entry] | None = None
        _registers.append(self)

    def add(self, name: str, entry: Entry, *, after: str = "") -> None:
        """Register an entry. Raise `ValueError` where the name is taken."""
        if name in self._entries:
            raise ValueError(f"{self._noun} {name} is registered twice")
        self._entries[name] = entry
        self._after[name] = after
        self._ordered = None

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def get(self, name: str, default: Entry) -> Entry:
        """Return the entry of that name, or the default."""
        return self._entries.get(name, default)

    def in_order(self) -> dict[str, Entry]:
        """Return the entries by name, each directly after the one that it follows.

        Raise `ValueError` where an entry follows one that nobody registered.
        """
        # A page asks dozens of times, and what is registered changes at the start alone.
        if self._ordered is None:
            self._ordered = self._put_in_order()
        return dict(self._ordered)

    def _put_in_order(self) -> dict[str, Entry]:
        names = [*self._names_after(""), *self._names_after(ALL_OTHERS)]
        if left := [name for name in self._entries if name not in names]:
            raise ValueError(
                f"{self._noun} {left[0]} comes after “{self._after[left[0]]}”, which does not "
                f"lead back to a registered {self._noun}. Registered: {', '.join(names)}."
            )
        return {name: self._entries[name] for name in names}

    def _names_after(self, place: str) -> Iterator[str]:
        for name in self._entries:
            if self._after[name] == place:
                yield name
                yield from self._names_after(name)


def refuse_unknown_places() -> None:
    """Raise `ValueError` where an entry of any register follows one that nobody registered."""
    for register in _registers:
        register.in_order()
