"""Enter the notional offset of the contingency for a month, or take it back."""

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.contingency.models import ContingencyOffset
from monitoring.contingency.selectors import amount_after_transfers
from monitoring.reports.selectors.report_data import draft_data
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import periods, published_message
from monitoring.structure.year_changes import change_year


def enter_offset(
    *, period: Period, amount_pence: int, reason: str, seen: int, by: User | None
) -> None:
    """Enter the amount that is set against overspends elsewhere, in a month and those after it.

    `seen` is the id of the period's last entry on the person's page (0: none). Entered twice, it is
    stored once. Raise `Refused` where the amount is negative or more than the contingency holds,
    somebody else changed it meanwhile, the period is published or has no figures, no budget line
    is set as contingency, or the year is archived.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = _require_open(period)
        last = ContingencyOffset.objects.filter(period=period).last()
        _refuse_amount(period, amount_pence)
        if last is not None and _is_same(last, amount_pence, reason, by):
            change.is_needed = False
            return
        _refuse_unseen(last, seen)
        _store_entry(period, last, amount_pence, reason, by)


def take_offset_back(*, period: Period, reason: str, seen: int, by: User | None) -> None:
    """Take a month's own offset back, so that the one before it applies again.

    `seen` is as for enter_offset. Raise `Refused` where none was entered for this month, and
    otherwise as enter_offset does.
    """
    with change_year(period.year_id, affects_figures=False):
        period = _require_open(period)
        last = ContingencyOffset.objects.filter(period=period).last()
        _refuse_unseen(last, seen)
        if last is None or last.amount_pence is None:
            raise Refused(
                f"No notional offset has been entered for {period}, so there is none to take back."
            )
        _store_entry(period, last, None, reason, by)


def _require_open(period: Period) -> Period:
    """Return the period as it is stored now. Raise `Refused` where it takes no offset."""
    period = periods().get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    return period


def _refuse_amount(period: Period, amount_pence: int) -> None:
    """Raise `Refused` for an amount that the contingency cannot set against overspends."""
    if amount_pence < 0:
        raise Refused(
            "Leave the minus sign out: the notional offset is the amount of the contingency that "
            "is set against overspends elsewhere, nil or more."
        )
    available = amount_after_transfers(draft_data(period))
    if available is None:
        raise Refused(
            f"No budget line of {period} is set as contingency, so nothing can be set against "
            "overspends. Name the lines in the settings of the year first."
        )
    if amount_pence > available:
        raise Refused(
            f"{plain_pounds(amount_pence)} is more than the contingency holds: "
            f"{plain_pounds(available)} after transfers. Enter that amount or less."
        )


def _is_same(last: ContingencyOffset, amount_pence: int, reason: str, by: User | None) -> bool:
    entered = (last.amount_pence, last.reason, last.by_id)
    return entered == (amount_pence, reason.strip(), by.pk if by else None)


def _refuse_unseen(last: ContingencyOffset | None, seen: int) -> None:
    if (last.pk if last else 0) == seen:
        return
    who = last.by.name if last and last.by else "Somebody"
    raise Refused(
        f"{who} has changed the notional offset since you opened this page, so nothing was stored. "
        "Look at it below, then enter yours again if it still applies."
    )


def _store_entry(
    period: Period,
    last: ContingencyOffset | None,
    amount_pence: int | None,
    reason: str,
    by: User | None,
) -> None:
    reason = reason.strip()
    if not reason:
        raise Refused("Say why; the audit trail keeps the reason.")
    ContingencyOffset.objects.create(period=period, amount_pence=amount_pence, reason=reason, by=by)
    audit.record(
        by=by,
        action="took a notional offset back"
        if amount_pence is None
        else "entered a notional offset",
        on=f"contingency {period.year.label} period {period.number}",
        reason=reason,
        amount_pence={"from": last.amount_pence if last else None, "to": amount_pence},
    )
