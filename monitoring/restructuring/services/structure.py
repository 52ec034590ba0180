"""Changing the tree of services in the browser, and placing lines on it.

Each change is stored only at the year's revision at which its effect was seen. Open periods follow
at once; a published report keeps the tree it was published with.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from council_finance import audit
from council_finance.errors import Refused
from monitoring.restructuring import changes as restructuring
from monitoring.restructuring.changes import Register, Rows, differences
from monitoring.restructuring.selectors.structure import LineMove, line_move, register_of
from monitoring.structure.models import BudgetLine, FinancialYear, Service
from monitoring.structure.year_changes import StaleRevision, change_year

_AT_ONCE = 5_000
"""Databases take only so many values in one question."""


class ChangedMeanwhile(Refused):
    """What was shown no longer holds; look at the effect again."""


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
    by,
) -> None:
    """A new service under `parent`, after the one of code `after` ("": first; None: last).

    Raises Refused.
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
    _change(year, code, plan, action="added a service", revision=revision, by=by)


def rename_service(
    *,
    year: FinancialYear,
    code: str,
    name: str,
    total_label: str,
    section: str,
    revision: int,
    by,
) -> None:
    """Another name, total label or section. Raises Refused."""
    plan = partial(
        restructuring.rename, code=code, name=name, total_label=total_label, section=section
    )
    _change(year, code, plan, action="renamed a service", revision=revision, by=by)


def move_service(
    *, year: FinancialYear, code: str, parent: str, after: str | None, revision: int, by
) -> None:
    """Another place, with all that stands under the service. Raises Refused."""
    plan = partial(restructuring.move, code=code, parent=parent, after=after)
    _change(year, code, plan, action="moved a service", revision=revision, by=by)


def merge_service(*, year: FinancialYear, code: str, successor: str, revision: int, by) -> None:
    """The service closes; its lines, the earlier ones too, stand under its successor.

    Raises Refused.
    """
    plan = partial(restructuring.merge, code=code, successor=successor)
    _change(year, code, plan, action="merged a service", revision=revision, by=by)


def close_service(*, year: FinancialYear, code: str, revision: int, by) -> None:
    """The service closes once no line of an open period hangs on it. Raises Refused."""
    plan = partial(restructuring.close, code=code)
    _change(year, code, plan, action="closed a service", revision=revision, by=by)


def reopen_service(*, year: FinancialYear, code: str, revision: int, by) -> None:
    """A service that was merged or closed stands on its own again. Raises Refused."""
    plan = partial(restructuring.reopen, code=code)
    _change(year, code, plan, action="opened a service again", revision=revision, by=by)


def _change(
    year: FinancialYear,
    code: str,
    plan: Callable[[Register], Rows],
    *,
    action: str,
    revision: int,
    by,
) -> None:
    with _change_as_seen(year, revision) as year:
        before = register_of(year)
        rows = plan(before)
        _write(year, before, rows)
        told = differences(before, before.after(rows), code)
        audit.record(
            by=by,
            action=action,
            on=f"service {year.label} {code}",
            **{what: {"from": was, "to": now} for what, was, now in told},
        )


@contextmanager
def _change_as_seen(year: FinancialYear, revision: int) -> Iterator[FinancialYear]:
    """Change the year as the person saw it. Raise `ChangedMeanwhile` where it is another now."""
    try:
        with change_year(year.pk, affects_figures=True, revision=revision) as change:
            yield change.year
    except StaleRevision as error:
        raise ChangedMeanwhile(
            "Figures or services have changed since you looked. See what the change does now, "
            "and store it then."
        ) from error


def _write(year: FinancialYear, before: Register, rows: Rows) -> None:
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
            Service.objects.create(year=year, code=row.code, **fields)
        else:
            Service.objects.filter(pk=row.id).update(**fields)


def move_lines(
    *,
    year: FinancialYear,
    code: str,
    destination: str,
    reason: str,
    revision: int,
    by,
    lines: list[int] | None = None,
    text: str = "",
) -> None:
    """Put lines of a service on another without services under it, in the open periods.

    `lines` are ids; None: all lines of the service that hold `text`. A ledger file that names the
    old service puts them back; one that leaves service_code blank keeps them here. Raises Refused.
    """
    if not reason.strip():
        raise Refused("Say why the lines move; it stays on the audit trail.")
    with _change_as_seen(year, revision) as year:
        register = register_of(year)
        to = restructuring.destination(register, destination)
        row = register.by_code.get(code)
        if row is None:
            raise Refused(f"There is no service with the code {code} in {year}.")
        move = line_move(year, row, to=to, ids=lines, text=text)
        _place(move)
        which = {"lines holding": text} if lines is None else {"lines": _codes(move)}
        audit.record(
            by=by,
            action="moved lines",
            on=f"service {year.label} {code}",
            number=len(move.ids),
            reason=reason.strip(),
            **which,
            **{"from": code, "to": to.code},
        )


def _place(move: LineMove) -> None:
    for ids in _parts(move.ids):
        BudgetLine.objects.filter(pk__in=ids).update(service=move.destination)


def _codes(move: LineMove) -> list[str]:
    """The codes of the lines that a person picked one by one."""
    lines = BudgetLine.objects.only("cost_centre", "account")
    return sorted(line.code for ids in _parts(move.ids) for line in lines.filter(pk__in=ids))


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
