"""References of one app's records that files of another name, and when they are looked for.

A file may name a record that another file of the same pack brings later, such as the decision that
a saving of the plan depends on. So references are looked for at once where a file is uploaded by
itself, and after its last file where a pack is loaded.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from council_finance.errors import Refused
from council_finance.registry.order import Register

if TYPE_CHECKING:
    from council_finance.uploads.table import TypedTable

ReferenceFunction = Callable[[Any], Mapping[str, str]]
FindFaults = Callable[[], list[str]]

_references: Register[ReferenceFunction] = Register("references", "other_apps")
_waiting: ContextVar[list[FindFaults] | None] = ContextVar("waiting_references", default=None)


def references(name: str) -> Callable[[ReferenceFunction], ReferenceFunction]:
    """Register a function of a financial year: the status of each record by its reference.

    `name` is what such a record is called, such as `grant`. A record without a status has "".
    """

    def decorate(function: ReferenceFunction) -> ReferenceFunction:
        _references.add(name, function)
        return function

    return decorate


def references_of(name: str, year: Any) -> Mapping[str, str]:
    """Return the records of a year by reference; {} where no app keeps such records."""
    function = _references.in_order().get(name)
    return {} if function is None else function(year)


def look_up_later(find_faults: FindFaults) -> bool:
    """Keep a search for faults until a pack is loaded; return False where none is being loaded."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(find_faults)
    return waiting is not None


def note_unknown_references(
    table: "TypedTable", column: str, name: str, year: Any, *, file: str, message: str
) -> None:
    """Note each reference of a column that is no record of the year; blank cells name none.

    `name` is what the records are called, `file` the file that is checked and `message` what is
    wrong with an unknown reference. In a pack they are noted once all files of the year are read.
    """
    named = {row: text for row, text in table.frame[column].items() if text}

    def find_unknown() -> dict[int, str]:
        known = references_of(name, year)
        return {row: text for row, text in named.items() if text not in known}

    def find_faults() -> list[str]:
        return [f"{file}: “{text}”: {message}." for text in find_unknown().values()]

    if named and not look_up_later(find_faults):
        for row, text in find_unknown().items():
            table.problem(row, column, text, message)


def refuse_unknown_decision(year: Any, reference: str) -> None:
    """Raise `Refused` where a year has no decision of that reference; "" names none."""
    if reference and reference not in references_of("decision", year):
        raise Refused(
            f"There is no decision {reference} in {year}. Enter it first, or leave it out."
        )


@contextmanager
def looked_up_at_the_end() -> Iterator[list[FindFaults]]:
    """Yield the searches that files of a pack leave for its end, in the order of the files."""
    waiting: list[FindFaults] = []
    token = _waiting.set(waiting)
    try:
        yield waiting
    finally:
        _waiting.reset(token)
