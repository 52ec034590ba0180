"""Panels that apps show on pages about a row of a report, and their part of the search."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from council_finance.registry.order import Register

PanelFunction = Callable[[Any, Any], Mapping[str, Any] | None]
ReaderPanelFunction = Callable[[Any, Any, Any, int | None], Mapping[str, Any] | None]
PLACES = ("overview", "service", "mover", "annex-a")
FinderFunction = Callable[[Any, list[str]], list["Found"]]


class PanelEntry(NamedTuple):
    """A registered panel: the page it is on, its template, and the function that fills it."""

    name: str
    place: str
    template: str
    make: PanelFunction


class Found(NamedTuple):
    """A search result: its name, a few words about it, and its page."""

    label: str
    detail: str
    url: str


class FinderEntry(NamedTuple):
    """A registered search: the heading of its results, and one of them in a word."""

    heading: str
    noun: str
    search: FinderFunction


_panels: Register[PanelEntry] = Register("panel", "panels")
_reader_panels: Register[tuple[str, ReaderPanelFunction]] = Register("reader panel", "panels")
_finders: Register[FinderEntry] = Register("finder", "panels")


def panel(
    name: str, *, place: str, template: str, after: str = ""
) -> Callable[[PanelFunction], PanelFunction]:
    """Register what an app shows on pages about a row of a report.

    `place` is "overview", "service", "annex-a" (below that statement's table), or "mover": beside a
    service that moved most, in a sentence.
    Raise `ValueError` for another place.

    The function takes the facts that the person reads and the row of the tree that the page is
    about (the council's on an overview), and returns the context of its template, or None to show
    nothing.
    """

    def decorate(function: PanelFunction) -> PanelFunction:
        if place not in PLACES:
            raise ValueError(f"panel {name}: there is no place “{place}” among {PLACES}")
        _panels.add(name, PanelEntry(name, place, template, function), after=after)
        return function

    return decorate


def panels(place: str, facts: Any, node: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Return template and context of each panel that has something to show there, in order."""
    entries = [entry for entry in _panels.in_order().values() if entry.place == place]
    made = ((entry.template, entry.make(facts, node)) for entry in entries)
    return [(template, context) for template, context in made if context is not None]


def reader_panel(
    name: str, *, template: str, after: str = ""
) -> Callable[[ReaderPanelFunction], ReaderPanelFunction]:
    """Register what an app shows a person on the pages of a service and of a budget line.

    The function takes the person (who may not be logged in), the facts that they read, the service
    and the id of the line (None on the page of a service), and returns the context of its template,
    or None to show nothing.
    """

    def decorate(function: ReaderPanelFunction) -> ReaderPanelFunction:
        _reader_panels.add(name, (template, function), after=after)
        return function

    return decorate


def reader_panels(
    user: Any, facts: Any, service: Any, line_id: int | None = None
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return template and context of each panel that has something to show this person."""
    entries = _reader_panels.in_order().values()
    made = ((template, make(user, facts, service, line_id)) for template, make in entries)
    return [(template, context) for template, context in made if context is not None]


def finder(heading: str, *, noun: str) -> Callable[[FinderFunction], FinderFunction]:
    """Register a function that searches an app's part of a report.

    Its results come under `heading`; `noun` is one of them in a word, for the search field. The
    function takes the facts that the person reads and the words in lower case, all of which must
    be found, and returns at most twenty results.
    """

    def decorate(function: FinderFunction) -> FinderFunction:
        _finders.add(heading, FinderEntry(heading, noun, function))
        return function

    return decorate


def finder_nouns() -> list[str]:
    """Return in a word what each app's search finds, such as "saving"."""
    return [entry.noun for entry in _finders.in_order().values()]


def find(facts: Any, words: list[str]) -> list[tuple[str, list[Found]]]:
    """Return what the apps found, by heading in alphabetical order, without empty headings."""
    entries = sorted(_finders.in_order().values(), key=lambda entry: entry.heading)
    made = [(entry.heading, entry.search(facts, words)) for entry in entries]
    return [(heading, found) for heading, found in made if found]
