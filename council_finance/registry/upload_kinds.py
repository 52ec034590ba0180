"""The kinds of file that apps take."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from council_finance.errors import Refused
from council_finance.registry.order import Register
from council_finance.uploads.columns import ColumnSpec


class Brings(StrEnum):
    """The content of a kind of file, on which depends who may upload it.

    Figures of the whole council; lines that may be limited to a part of it; the tree itself; or
    entries added to a register, for which the right to enter them on its page is enough.
    """

    WHOLE = "whole"
    PART = "part"
    STRUCTURE = "structure"
    ENTRIES = "entries"


@dataclass(frozen=True)
class UploadKind:
    """A kind of file that can be uploaded.

    `check(table, target)` returns a prepared upload (problems, warnings, what to store) and reads
    only; `work(prepared, target)`, where given, does the long calculation before anything is
    written; `write_ahead(prepared, target)`, where given, writes what nobody sees yet, inside the
    caller's transaction and before others have to wait for it; `store(prepared, target)` the rest.
    `known_codes(prepared, target)`, where given, returns by column the codes there are: a new one
    that looks like one of them is asked about. `warn_of_still_lines(prepared, target)`, for files
    of budget lines, warns where no figure has moved since the month before and returns whether it
    did. `after` names the kind that a pack loads before
    this one. A file must have one of the columns `needs_one_of`, where any are named. `purpose`
    says in plain words what such a file changes, for whoever chooses among several.
    """

    name: str
    label: str
    per_period: bool
    columns: tuple[ColumnSpec, ...]
    check: Callable
    store: Callable
    after: str = ""
    work: Callable | None = None
    write_ahead: Callable | None = None
    known_codes: Callable | None = None
    warn_of_still_lines: Callable | None = None
    brings: Brings = Brings.WHOLE
    needs_one_of: tuple[str, ...] = ()
    purpose: str = ""


_kinds: Register[dict[bool, UploadKind]] = Register("upload kind")
"""By name: the kind for the year (False), for a period (True), or both."""


def register_upload_kind(kind: UploadKind) -> None:
    """Offer a kind of file; a name may be used once for the year and once for a period."""
    if kind.name not in _kinds:
        _kinds.add(kind.name, {kind.per_period: kind}, after=kind.after)
    elif kind.per_period in _kinds[kind.name]:
        raise ValueError(f"upload kind {kind.name} is registered twice")
    else:
        _kinds[kind.name][kind.per_period] = kind


def upload_kinds() -> list[UploadKind]:
    """Return every kind in the order in which a pack loads them, a year's before a period's."""
    return [
        kinds[per_period]
        for kinds in _kinds.in_order().values()
        for per_period in (False, True)
        if per_period in kinds
    ]


def upload_kind(name: str, *, per_period: bool) -> UploadKind:
    """Return the kind of that name. Raise `Refused` with the names there are."""
    kinds = _kinds.get(name, {})
    if per_period in kinds:
        return kinds[per_period]
    if kinds:
        needed = "Leave the period out" if per_period else "Give a period"
        raise Refused(f"A {name} file is uploaded for {_describe_span(not per_period)}. {needed}.")
    known = ", ".join(sorted({kind.name for kind in upload_kinds()}))
    raise Refused(f"There is no kind of upload called “{name}”. The kinds are: {known}.")


def _describe_span(per_period: bool) -> str:
    return "a period" if per_period else "the whole year"


def replace_upload_kind(kind: UploadKind) -> None:
    """Put a kind in the place of the registered one of its name, to measure or to test."""
    _kinds[kind.name][kind.per_period] = kind
