"""A saving or a position in the place of another: what the browser and an uploaded file both do."""

from django.utils import timezone

from council_finance import audit
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Period
from monitoring.pipeline.figures import advance, lock_year, stay_current
from monitoring.pipeline.uploads import published_message
from savings.models import Saving, SavingPosition
from savings.selectors.register import saving_record

REGISTER_FIELDS = (
    *("title", "service", "decision", "category", "committee", "owner"),
    *("agreed_saving_pence", "investment_pence"),
)
"""What a person or a file says of a saving."""

FIGURES = (
    *("forecast_saving_pence", "delivered_to_date_pence"),
    *("phasing_q1_pence", "phasing_q2_pence", "phasing_q3_pence", "phasing_q4_pence"),
)
POSITION_FIELDS = (
    *("declared_status", "status_override", "override_reason", *FIGURES),
    *("direction_of_travel", "commentary"),
)
"""What a person or a file says of a saving in a period."""

CARRIED_FIELDS = ("declared_status", "status_override", "override_reason", *FIGURES)
"""Of what was said of a saving, what may hold for the next month too."""


def open_period(period: Period) -> Period:
    """The period as it is now, its year locked. Raises Refused where it is published.

    Call it inside the writing transaction.
    """
    lock_year(period.year_id)
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def advance_register(year: FinancialYear) -> None:
    """Say that savings changed: what was reviewed before is no longer what would be published.

    The services' figures do not follow from savings, so those that were up to date stay so. Call it
    inside the writing transaction, the year locked.
    """
    advance(year)
    stay_current(year)


def put_saving(saving: Saving, values: dict, *, by, **detail) -> bool:
    """Store what is said of a saving, new or known; answers whether anything changed.

    `values` gives some of REGISTER_FIELDS; `detail` goes into the audit trail. Call it inside the
    writing transaction.
    """
    new = saving.pk is None
    changes = _changes(saving, values)
    if not changes and not new:
        return False
    for name, value in values.items():
        setattr(saving, name, value)
    saving.save()
    audit.record(
        by=by,
        action="added a saving" if new else "changed a saving",
        on=saving_record(saving.year, saving.reference),
        **changes,
        **detail,
    )
    return True


def remove_saving(saving: Saving, *, by, **detail) -> None:
    """Take a saving without positions out of the register; the audit trail keeps it."""
    audit.record(
        by=by,
        action="removed a saving",
        on=saving_record(saving.year, saving.reference),
        title=saving.title,
        agreed_saving_pence=saving.agreed_saving_pence,
        **detail,
    )
    saving.delete()


def put_position(
    *,
    period: Period,
    saving: Saving,
    before: SavingPosition | None,
    values: dict,
    by,
    **detail,
) -> bool:
    """Store what is said of a saving in a period in the place of `before`.

    Answers whether anything changed; what stays the same keeps its writer. `values` gives some of
    POSITION_FIELDS. Call it inside the writing transaction.
    """
    position = before or SavingPosition(period=period, saving=saving)
    changes = _changes(position, values)
    if not changes and before is not None:
        return False
    overridden = "status_override" in changes or "override_reason" in changes
    for name, value in values.items():
        setattr(position, name, value)
    if overridden:
        position.override_by = by if position.status_override else None
    position.written_by, position.written_at = by, timezone.now()
    position.save()
    audit.record(
        by=by,
        action="entered what becomes of a saving",
        on=saving_record(period.year, saving.reference),
        period=period.number,
        **changes,
        **detail,
    )
    return True


def remove_position(position: SavingPosition, *, by, **detail) -> None:
    """Take back what was said of a saving in a period; the audit trail keeps it."""
    blank = SavingPosition()
    said = _changes(position, {name: getattr(blank, name) for name in POSITION_FIELDS})
    audit.record(
        by=by,
        action="took back what becomes of a saving",
        on=saving_record(position.period.year, position.saving.reference),
        period=position.period.number,
        **said,
        **detail,
    )
    position.delete()


def _changes(row: Saving | SavingPosition, values: dict) -> dict[str, dict]:
    """From and to of each field whose value is another, as the audit trail keeps it."""
    changes = {}
    for name, value in values.items():
        before = getattr(row, name, None) if name != "service" or row.service_id else None
        if before != value:
            changes[name] = {"from": _told(before), "to": _told(value)}
    return changes


def _told(value: object) -> object:
    """A service by its code."""
    return getattr(value, "code", value)
