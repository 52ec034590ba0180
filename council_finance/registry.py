"""What the apps plug into the product: upload kinds, parts of a report, statements, checks, panels.

An app registers plain functions when Django starts; publishing, the pages, the commands and the
downloads then offer every registered name. Nothing here knows an app.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from council_finance.errors import Refused
from council_finance.statements.casting import Check
from council_finance.statements.model import Statement
from council_finance.uploads.columns import ColumnSpec

StatementFunction = Callable[[Any], Statement]
CheckFunction = Callable[[Any], Iterable[Check]]
PartFunction = Callable[[Any], Any]
PanelFunction = Callable[[Any, dict], dict | None]
FinderFunction = Callable[[Any, list[str]], list["Found"]]


class Brings(StrEnum):
    """What a kind of file stands for, by which it is decided who may bring it.

    Of the whole council; lines that may be limited to a part of it; the tree itself; or entries
    that are added to a register, as anybody may who enters them on its page.
    """

    WHOLE = "whole"
    PART = "part"
    STRUCTURE = "structure"
    ENTRIES = "entries"


@dataclass(frozen=True)
class UploadKind:
    """A file that can be brought in.

    `check(table, target)` returns a prepared upload (problems, warnings, what to store) and reads
    only; `work(prepared, target)`, where given, does the long calculation before anything is
    written; `write_ahead(prepared, target)`, where given, writes what nobody sees yet, inside the
    caller's transaction and before others have to wait for it; `store(prepared, target)` the rest.
    `known_codes(prepared, target)`, where given, returns by column the codes there are: a new one
    that looks like one of them is asked about. `order` is the place within a pack: what names a
    thing comes after what brings it. A file must have one of the columns `needs_one_of`, where any
    are named. `purpose` says in plain words what such a file changes, for whoever chooses among
    several.
    """

    name: str
    label: str
    per_period: bool
    order: int
    columns: tuple[ColumnSpec, ...]
    check: Callable
    store: Callable
    work: Callable | None = None
    write_ahead: Callable | None = None
    known_codes: Callable | None = None
    brings: Brings = Brings.WHOLE
    needs_one_of: tuple[str, ...] = ()
    purpose: str = ""


@dataclass(frozen=True)
class StatementEntry:
    """A registered statement: the function that makes it from a report's facts."""

    name: str
    title: str
    order: int
    make: StatementFunction


@dataclass(frozen=True)
class Found:
    """Something that a search found: what it is called, a word on it, and its page."""

    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class PanelEntry:
    """A registered panel: what an app shows within a page of another."""

    name: str
    place: str
    order: int
    template: str
    make: PanelFunction


_kinds: dict[tuple[str, bool], UploadKind] = {}
_statements: dict[str, "StatementEntry"] = {}
_checks: dict[str, CheckFunction] = {}
_parts: dict[str, PartFunction] = {}
_panels: dict[str, PanelEntry] = {}
_finders: dict[str, FinderFunction] = {}


def register_upload_kind(kind: UploadKind) -> None:
    """Offer a kind of file; a name may stand once for the year and once for a period."""
    key = (kind.name, kind.per_period)
    if key in _kinds:
        raise ValueError(f"upload kind {key} is registered twice")
    _kinds[key] = kind


def upload_kinds() -> list[UploadKind]:
    """Every kind, in the order in which a pack loads them."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.name, kind.per_period))


def upload_kind(name: str, *, per_period: bool) -> UploadKind:
    """The kind of that name. Raises Refused with the names there are."""
    if (name, per_period) in _kinds:
        return _kinds[name, per_period]
    if (name, not per_period) in _kinds:
        needed = "Leave the period out" if per_period else "Give a period"
        raise Refused(f"A {name} file is uploaded for {_whole(not per_period)}. {needed}.")
    known = ", ".join(sorted({key[0] for key in _kinds}))
    raise Refused(f"There is no kind of upload called “{name}”. The kinds are: {known}.")


def _whole(per_period: bool) -> str:
    return "a period" if per_period else "the whole year"


def statement(
    name: str, *, title: str, order: int
) -> Callable[[StatementFunction], StatementFunction]:
    """Register the function that makes a statement from a report."""

    def decorate(function: StatementFunction) -> StatementFunction:
        if name in _statements:
            raise ValueError(f"statement {name} is registered twice")
        _statements[name] = StatementEntry(name, title, order, function)
        return function

    return decorate


def statements() -> dict[str, StatementEntry]:
    """Every statement by name, in the order of a report."""
    ordered = sorted(_statements.values(), key=lambda entry: (entry.order, entry.name))
    return {entry.name: entry for entry in ordered}


def statement_entry(name: str) -> StatementEntry:
    """The statement of that name. Raises Refused with the names there are."""
    if name not in _statements:
        raise Refused(
            f"There is no statement called “{name}”. The statements are: {', '.join(statements())}."
        )
    return _statements[name]


def check(name: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function that compares figures of a report with one another."""

    def decorate(function: CheckFunction) -> CheckFunction:
        if name in _checks:
            raise ValueError(f"check {name} is registered twice")
        _checks[name] = function
        return function

    return decorate


def checks() -> dict[str, CheckFunction]:
    """Every check by name."""
    return dict(sorted(_checks.items()))


def part(name: str) -> Callable[[PartFunction], PartFunction]:
    """Register the function that reads an app's part of a period, as plain data for JSON.

    A draft reads it live and a published report has it frozen, so statements and checks of that
    app read the part alone and cannot tell the one from the other.
    """

    def decorate(function: PartFunction) -> PartFunction:
        if name in _parts:
            raise ValueError(f"part {name} is registered twice")
        _parts[name] = function
        return function

    return decorate


def parts() -> dict[str, PartFunction]:
    """Every part by name."""
    return dict(sorted(_parts.items()))


def panel(
    name: str, *, place: str, order: int, template: str
) -> Callable[[PanelFunction], PanelFunction]:
    """Register what an app shows on pages about a row of a report.

    `place` is "overview", "service", or "mover": beside a service that moved most, in a sentence.

    The function takes the facts that the person reads and the row of the tree that the page is
    about (the council's on an overview), and gives what its template shows, or None for nothing.
    """

    def decorate(function: PanelFunction) -> PanelFunction:
        if name in _panels:
            raise ValueError(f"panel {name} is registered twice")
        _panels[name] = PanelEntry(name, place, order, template, function)
        return function

    return decorate


def panels(place: str, facts: Any, node: dict) -> list[tuple[str, dict]]:
    """Template and content of each panel that has something to show there, in order."""
    entries = sorted(_panels.values(), key=lambda entry: (entry.order, entry.name))
    made = ((entry.template, entry.make(facts, node)) for entry in entries if entry.place == place)
    return [(template, content) for template, content in made if content is not None]


def finder(heading: str) -> Callable[[FinderFunction], FinderFunction]:
    """Register a function that searches what an app knows of a report, under a heading.

    It takes the facts that the person reads and the words in lower case, all of which must be
    there, and gives what it found, the first twenty.
    """

    def decorate(function: FinderFunction) -> FinderFunction:
        if heading in _finders:
            raise ValueError(f"finder {heading} is registered twice")
        _finders[heading] = function
        return function

    return decorate


def find(facts: Any, words: list[str]) -> list[tuple[str, list[Found]]]:
    """What the apps found, by heading; headings without anything are left out."""
    made = [(heading, function(facts, words)) for heading, function in sorted(_finders.items())]
    return [(heading, found) for heading, found in made if found]
