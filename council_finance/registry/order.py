"""Entries that apps register by name, and the order in which they come. Pure.

The modules that register entries of a kind are loaded when entries of that kind are first asked
for: a command that writes a statement does not load what checks a file of contracts. Web servers
and workers load all of them as they start.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

ALL_OTHERS = "all others"
"""The place of entries that come last, after those of every app."""

Entry = TypeVar("Entry")
Load = Callable[[frozenset[str], str], None]
Place = tuple[int, str]
_registers: list["Register[Any]"] = []
_load: list[Load] = []
_place_of: list[Callable[[str], Place]] = []
_loaded: set[str] = set()
_loading = threading.RLock()


def load_modules_by(load: Load, place_of: Callable[[str], Place]) -> None:
    """Load modules from now on by a function that takes their names in the apps.

    Its second argument, where it is not "", is the name of the files that alone are to be loaded.
    `place_of` gives the place of a module, by its whole name, among those of all apps.
    """
    _load[:] = [load]
    _place_of[:] = [place_of]


def _registering_module() -> str:
    """Return the name of the module that is registering something, outside of the registry."""
    frame = sys._getframe(1)
    registry = __name__.rpartition(".")[0]
    while frame.f_back and frame.f_globals["__name__"].startswith(registry):
        frame = frame.f_back
    name: str = frame.f_globals["__name__"]
    return name


def registering_names() -> frozenset[str]:
    """Return the names of the modules and packages of apps that register something."""
    return frozenset(name for register in _registers for name in register.modules)


def load_registering(names: frozenset[str]) -> None:
    """Load the modules of these names of every app, those that were not loaded before."""
    with _loading:
        if new := names - _loaded:
            _loaded.update(new)
            for load in _load:
                load(new, "")


class Register(Generic[Entry]):
    """Entries of one kind by name, in an order that needs no numbers.

    An entry may name the entry that it follows. The others come in the order of the apps in
    INSTALLED_APPS, of an app's modules by name, and as a module registers them: whatever was loaded
    first. `modules` are the names of the modules, or packages, of apps that register such entries.
    """

    def __init__(self, noun: str, *modules: str) -> None:
        self.modules = frozenset(modules)
        self._noun = noun
        self._entries: dict[str, Entry] = {}
        self._after: dict[str, str] = {}
        self._module: dict[str, str] = {}
        self._ordered: dict[str, Entry] | None = None
        _registers.append(self)

    def add(self, name: str, entry: Entry, *, after: str = "") -> None:
        """Register an entry. Raise `ValueError` where the name is taken."""
        if name in self._entries:
            raise ValueError(f"{self._noun} {name} is registered twice")
        self._entries[name] = entry
        self._after[name] = after
        self._module[name] = _registering_module()
        self._ordered = None

    def __contains__(self, name: str) -> bool:
        load_registering(self.modules)
        return name in self._entries

    def __getitem__(self, name: str) -> Entry:
        load_registering(self.modules)
        return self._entries[name]

    def get(self, name: str, default: Entry) -> Entry:
        """Return the entry of that name, or the default."""
        load_registering(self.modules)
        return self._entries.get(name, default)

    def get_alone(self, name: str, default: Entry) -> Entry:
        """Return the entry of that name, or the default, from modules whose file has its name.

        Only these are loaded, so that a command does not wait for all others.
        """
        with _loading:
            if not self.modules <= _loaded:
                for load in _load:
                    load(self.modules, name)
        return self._entries.get(name, default)

    def registered_so_far(self, name: str, default: Entry) -> Entry:
        """Return the entry of that name, or the default, while modules are still being loaded."""
        return self._entries.get(name, default)

    def in_order(self) -> dict[str, Entry]:
        """Return the entries by name, each directly after the one that it follows.

        Raise `ValueError` where an entry follows one that nobody registered.
        """
        load_registering(self.modules)
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
        names = [name for name in self._entries if self._after[name] == place]
        if _place_of:
            names.sort(key=lambda name: _place_of[0](self._module[name]))
        for name in names:
            yield name
            yield from self._names_after(name)


def refuse_unknown_places() -> None:
    """Raise `ValueError` where an entry of any register follows one that nobody registered."""
    for register in _registers:
        register.in_order()
