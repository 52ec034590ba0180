"""Change the tree of services in the browser, and move lines between services.

Each change is stored only at the year's revision for which its effect was shown. Open periods are
recomputed at once; a published report keeps the tree it was published with.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.restructuring import changes as restructuring
from monitoring.restructuring.changes import Register, Rows, differences
from monitoring.restructuring.selectors.structure import LineMove, line_move, register_of
from monitoring.restructuring.upload_kind import keep_unallocated_service
from monitoring.structure.models import BudgetLine, FinancialYear, Service
from monitoring.structure.year_changes import StaleRevision, change_year

_AT_ONCE = 5_000
"""Databases take only so many values in one query."""


class ChangedMeanwhile(Refused):
    """Raised where the year has changed since the effect was shown; show it again."""


def add_service(
    *,
    year: FinancialYear,
    code: str,
    name: str,
    parent: str,
    after: str | None,
    total_label: str,
    section: str,
    revision: int,
    by: User | None,
) -> None:
    """Add a service under `parent`, after the one with code `after` ("": first; None: last).

    The first service of a year is the top of its tree: its `parent` is "". Raise `Refused` where a
    rule of the tree does not allow it.
    """
    plan = partial(
        restructuring.add,
        code=code,
        name=name,
        parent=parent,
        after=after,
        total_label=total_label,
        section=section,
    )
    _store_change(year, code, plan, action="added a service", revision=revision, by=by)


def rename_service(
    *,
    year: FinancialYear,
    code: str,
    name: str,
    total_label: str,
    section: str,
    revision: int,
    by: User | None,
) -> None:
    """Change a service's name, total label or section. Raise `Refused` as restructuring.rename."""
    plan = partial(
        restructuring.rename, code=code, name=name, total_label=total_label, section=section
    )
    _store_change(year, code, plan, action="renamed a service", revision=revision, by=by)


def move_service(
    *,
    year: FinancialYear,
    code: str,
    parent: str,
    after: str | None,
    revision: int,
    by: User | None,
) -> None:
    """Move a service with all services under it. Raise `Refused` as restructuring.move."""
    plan = partial(restructuring.move, code=code, parent=parent, after=after)
    _store_change(year, code, plan, action="moved a service", revision=revision, by=by)


def merge_service(
    *, year: FinancialYear, code: str, successor: str, revision: int, by: User | None
) -> None:
    """Close a service; its lines, also earlier ones, belong to its successor.

    Raise `Refused` where a rule of the tree does not allow it.
    """
    plan = partial(restructuring.merge, code=code, successor=successor)
    _store_change(year, code, plan, action="merged a service", revision=revision, by=by)


def close_service(*, year: FinancialYear, code: str, revision: int, by: User | None) -> None:
    """Close a service once it has no line of an open period. Raise `Refused` as above."""
    plan = partial(restructuring.close, code=code)
    _store_change(year, code, plan, action="closed a service", revision=revision, by=by)


def reopen_service(*, year: FinancialYear, code: str, revision: int, by: User | None) -> None:
    """Open a merged or closed service again. Raise `Refused` as above."""
    plan = partial(restructuring.reopen, code=code)
    _store_change(year, code, plan, action="opened a service again", revision=revision, by=by)


def _store_change(
    year: FinancialYear,
    code: str,
    plan: Callable[[Register], Rows],
    *,
    action: str,
    revision: int,
    by: User | None,
) -> None:
    with _change_shown_year(year, revision) as year:
        before = register_of(year)
        rows = plan(before)
        _write_rows(year, before, rows)
        changed = differences(before, before.after(rows), code)
        detail: dict[str, Any] = {item: {"from": was, "to": now} for item, was, now in changed}
        audit.record(
            by=by,
            action=action,
            on=f"service {year.label} {code}",
            **detail,
        )


@contextmanager
def _change_shown_year(year: FinancialYear, revision: int) -> Iterator[FinancialYear]:
    """Change the year at the revision shown. Raise `ChangedMeanwhile` where it is at another."""
    try:
        with change_year(year.pk, affects_figures=True, revision=revision) as change:
            yield change.year
    except StaleRevision as error:
        raise ChangedMeanwhile(
            "Figures or services have changed since you looked. See what the change does now, "
            "and store it then."
        ) from error


def _write_rows(year: FinancialYear, before: Register, rows: Rows) -> None:
    """Store the rows that differ from the register before."""
    was = {row.id: row for row in before.rows}
    for row in rows:
        if row == was.get(row.id):
            continue
        fields = {
            "name": row.name,
            "parent_id": row.parent,
            "order": row.order,
            "total_label": row.total_label,
            "section": row.section,
            "successor_id": row.successor,
            "named": row.named,
        }
        if row.id == restructuring.NEW:
            made = Service.objects.create(year=year, code=row.code, **fields)
            if not before.rows:
                keep_unallocated_service(year, top=made.pk)
        else:
            Service.objects.filter(pk=row.id).update(**fields)


def move_lines(
    *,
    year: FinancialYear,
    code: str,
    destination: str,
    reason: str,
    revision: int,
    by: User | None,
    lines: list[int] | None = None,
    text: str = "",
) -> None:
    """Move lines of a service to another without services under it, in the open periods.

    `lines` are ids; None: all lines of the service that contain `text`. A ledger file that names
    the old service moves them back; one that leaves service_code blank keeps them here. Raise
    `Refused` where a line does not belong to the service, or the other cannot have lines.
    """
    if not reason.strip():
        raise Refused("Say why the lines move; it stays on the audit trail.")
    with _change_shown_year(year, revision) as year:
        register = register_of(year)
        to = restructuring.destination(register, destination)
        row = register.by_code.get(code)
        if row is None:
            raise Refused(f"There is no service with the code {code} in {year}.")
        move = line_move(year, row, to=to, ids=lines, text=text)
        _store_move(move)
        which: dict[str, Any] = (
            {"lines holding": text} if lines is None else {"lines": _line_codes(move)}
        )
        audit.record(
            by=by,
            action="moved lines",
            on=f"service {year.label} {code}",
            number=len(move.ids),
            reason=reason.strip(),
            **which,
            **{"from": code, "to": to.code},
        )


def _store_move(move: LineMove) -> None:
    for ids in _split_ids(move.ids):
        BudgetLine.objects.filter(pk__in=ids).update(service=move.destination)


def _line_codes(move: LineMove) -> list[str]:
    """Return the codes of the lines that a person chose one by one."""
    lines = BudgetLine.objects.only("cost_centre", "account")
    return sorted(line.code for ids in _split_ids(move.ids) for line in lines.filter(pk__in=ids))


def _split_ids(ids: list[int]) -> Iterator[list[int]]:
    """Yield the ids in parts that fit into one query."""
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
