"""The kinds of file that apps take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from council_finance.errors import Refused
from council_finance.registry.order import Register
from council_finance.registry.undo import UndoSteps
from council_finance.uploads.columns import ColumnSpec

if TYPE_CHECKING:
    from council_finance.uploads.table import TypedTable
    from council_finance.uploads.template_files import TemplateContent


class Brings(StrEnum):
    """The content of a kind of file, on which depends who may upload it.

    Figures of the whole council; lines that may be limited to a part of it; the tree itself; or
    entries added to a register, for which the right to enter them on its page is enough.
    """

    WHOLE = "whole"
    PART = "part"
    STRUCTURE = "structure"
    ENTRIES = "entries"


TargetT = TypeVar("TargetT")
PreparedT = TypeVar("PreparedT")


@dataclass(frozen=True, kw_only=True)
class UploadKind(Generic[TargetT, PreparedT]):
    """A kind of file that can be uploaded, with the steps from a checked table to stored rows.

    `TargetT` is where a file goes (year and period), `PreparedT` the checked file. Each step takes
    what the one before it returned, and changes none of it:

    - `check` reads only. It notes faults in the table, and raises `FileRefused` where they leave
      nothing more to check.
    - `prepare`, where given, does the long calculation before anything is written.
    - `write_ahead`, where given, writes rows that nobody can see yet, inside the caller's
      transaction and before others have to wait for it.
    - `store` writes the rest, inside the same transaction.

    `known_codes`, where given, returns the known codes by column: a new code that looks like one
    of them needs a person's answer. `warn_of_still_lines`, for files of budget lines, warns where
    no figure has moved since the month before, and returns whether it warned.

    `after` names the kind that a pack loads before this one. A file must have one of the columns
    `needs_one_of`, where any are named. `purpose` says in a sentence or two what such a file is
    for and what it changes; the upload page shows it with the explanations of the columns.
    `template` returns what a file to fill in has in it already, for a place that is the app's own.
    `undo`, where given, puts back what a stored file replaced. `year_column`, where given,
    describes the columns headed by a financial year, of which a file has as many as it needs.
    """

    name: str
    label: str
    per_period: bool
    columns: tuple[ColumnSpec, ...]
    check: "Callable[[TypedTable, TargetT], PreparedT]"
    store: Callable[[PreparedT, TargetT], None]
    prepare: Callable[[PreparedT, TargetT], PreparedT] | None = None
    write_ahead: Callable[[PreparedT, TargetT], PreparedT] | None = None
    known_codes: Callable[[PreparedT, TargetT], Mapping[str, Iterable[str]]] | None = None
    warn_of_still_lines: Callable[[PreparedT, TargetT], bool] | None = None
    after: str = ""
    brings: Brings = Brings.WHOLE
    needs_one_of: tuple[str, ...] = ()
    purpose: str = ""
    template: "Callable[[Any], TemplateContent] | None" = None
    undo: UndoSteps[PreparedT, TargetT] | None = None
    year_column: ColumnSpec | None = None

    @property
    def columns_to_fill_in(self) -> tuple[ColumnSpec, ...]:
        """Return the columns without those that are read for comparison only."""
        return tuple(column for column in self.described_columns if not column.aside)

    @property
    def described_columns(self) -> tuple[ColumnSpec, ...]:
        """Return the columns, with the one that describes those headed by a year."""
        return self.columns if self.year_column is None else (*self.columns, self.year_column)

    def columns_of_template(self, years: Sequence[str]) -> tuple[ColumnSpec, ...]:
        """Return the columns of a template, which has one for each of the years."""
        fixed = tuple(column for column in self.columns if not column.aside)
        if self.year_column is None:
            return fixed
        return (*fixed, *(replace(self.year_column, name=year) for year in years))

    @property
    def has_budget_lines(self) -> bool:
        """Return True where the rows are budget lines, which may be limited to one service's."""
        return self.brings is Brings.PART


AnyKind = UploadKind[Any, Any]
"""A kind whose target and checked file are its app's own, which the register need not know."""

_kinds: Register[dict[bool, AnyKind]] = Register("upload kind", "upload_kind", "upload_kinds")
"""By name: the kind for the year (False), for a period (True), or both."""


def register_upload_kind(kind: AnyKind) -> None:
    """Offer a kind of file; a name may be used once for the year and once for a period.

    Raise `ValueError` where the kind or one of its columns is not explained.
    """
    _require_explanations(kind)
    of_that_name = _kinds.registered_so_far(kind.name, {})
    if not of_that_name:
        _kinds.add(kind.name, {kind.per_period: kind}, after=kind.after)
    elif kind.per_period in of_that_name:
        raise ValueError(f"upload kind {kind.name} is registered twice")
    else:
        of_that_name[kind.per_period] = kind


def _require_explanations(kind: AnyKind) -> None:
    missing = [] if kind.purpose else ["it has no purpose"]
    missing += [] if kind.template else ["it has no template"]
    for column in kind.described_columns:
        missing += [f"its column {column.name} has no {word}" for word in column.missing_words]
    if missing:
        raise ValueError(f"upload kind {kind.name} is not explained: {', '.join(missing)}")


def upload_kinds() -> list[AnyKind]:
    """Return every kind in the order in which a pack loads them, a year's before a period's."""
    return [
        kinds[per_period]
        for kinds in _kinds.in_order().values()
        for per_period in (False, True)
        if per_period in kinds
    ]


def upload_kind(name: str, *, per_period: bool) -> AnyKind:
    """Return the kind of that name. Raise `Refused` with the names there are."""
    kinds = _kinds.get_alone(name, {})
    if per_period not in kinds:
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


def replace_upload_kind(kind: AnyKind) -> None:
    """Put a kind in the place of the registered one of its name, to measure or to test."""
    _kinds[kind.name][kind.per_period] = kind
