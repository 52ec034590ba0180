"""Services that store the positions of savings: entered on the sheet, or carried forward."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.models import Period
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.year_changes import change_year
from savings.models import Saving, SavingPosition
from savings.pipeline import (
    CARRIED_FIELDS,
    FieldValues,
    open_period,
    put_position,
)
from savings.rules import known_status, status_of
from savings.selectors.register import (
    counting,
    last_positions,
    position_version,
    positions,
    register,
)
from savings.settings_tables import savings_scheme


@dataclass(frozen=True)
class PositionChange:
    """A position that a person entered: the saving's id, and values of some POSITION_FIELDS.

    `seen_version` is the position_version that the person saw.
    """

    saving: int
    seen_version: str
    values: FieldValues = field(default_factory=dict)


class PositionsClashed(Refused):
    """Raised where others changed some of the same positions meanwhile; nothing was saved.

    `theirs` are the positions now stored by the saving's id; None where one was removed.
    """

    def __init__(self, theirs: Mapping[int, SavingPosition | None]) -> None:
        self.theirs = theirs
        savings = "1 saving" if len(theirs) == 1 else f"{len(theirs):,} savings"
        super().__init__(
            f"Nothing was saved yet: {savings} changed while you were typing. What a colleague "
            "saved is shown beside yours; save again to replace it with yours."
        )


class PositionsFaulty(Refused):
    """Raised where entries are not valid; nothing was saved.

    `faults` are messages by the saving's id.
    """

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults = faults
        super().__init__("Nothing was saved yet: some entries cannot be right. They are marked.")


def save_positions(
    *,
    period: Period,
    changes: Sequence[PositionChange],
    within: Container[int],
    by: User | None,
) -> int:
    """Store the positions entered for a period, all or none, and return how many changed.

    `within` are the ids of the services that the person maintains. Raise `PositionsFaulty`,
    `PositionsClashed` or `Refused`; nothing is stored then.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        savings, stored = _savings_to_enter(period, within), positions(period)
        _refuse_faulty(period, changes, savings)
        _refuse_clashes(changes, stored)
        changed = sum(
            put_position(
                period=period,
                saving=savings[change.saving],
                before=stored.get(change.saving),
                values=change.values,
                by=by,
            )
            for change in changes
            if change.saving in stored or _has_content(change)
        )
        change.is_needed = changed > 0
    return changed


def _has_content(change: PositionChange) -> bool:
    """Return whether any cell was filled in: an empty row is not stored as a position."""
    return any(value not in (None, "") for value in change.values.values())


def carry_positions(*, period: Period, within: Container[int], by: User | None) -> int:
    """Carry the latest figures forward to savings without a position, and return how many.

    Direction of travel and commentary are not carried. Raise `Refused` where the period is
    published.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = open_period(period)
        savings, stored = _savings_to_enter(period, within), positions(period)
        carried = 0
        for before in last_positions(period, savings):
            if before.saving_id in stored:
                continue
            values = {name: getattr(before, name) for name in CARRIED_FIELDS}
            carried += put_position(
                period=period,
                saving=savings[before.saving_id],
                before=None,
                values=values,
                by=by,
                carried_from=before.period.number,
            )
        change.is_needed = carried > 0
    return carried


def _savings_to_enter(period: Period, within: Container[int]) -> dict[int, Saving]:
    """Return by id the savings that count in the period at the services (ids) `within`."""
    savings = counting(register(period.year), period.number)
    return {saving.pk: saving for saving in savings if saving.service_id in within}


def _refuse_faulty(
    period: Period, changes: Sequence[PositionChange], savings: Mapping[int, Saving]
) -> None:
    settings, faults = read_settings(period.year.settings), {}
    sent = Counter(change.saving for change in changes)
    for change in changes:
        saving = savings.get(change.saving)
        if sent[change.saving] > 1:
            faults[change.saving] = "This saving was sent more than once. Load the page afresh."
        elif saving is None:
            faults[change.saving] = "This saving no longer counts here, or is not yours to keep."
        elif fault := _find_fault(change.values, saving, settings):
            faults[change.saving] = fault
    if faults:
        raise PositionsFaulty(faults)


def _find_fault(values: FieldValues, saving: Saving, settings: CouncilSettings) -> str:
    """Return the fault of an entry; "" where there is none."""
    declared, override = values.get("declared_status", ""), values.get("status_override", "")
    if (declared and not savings_scheme(settings).declared) or (
        override and not savings_scheme(settings).rules
    ):
        return "The council’s status scheme is another now. Load the page afresh."
    for word in (declared, override):
        if word and word != known_status(settings, word):
            return f"“{word}” is no status of the council’s scheme."
    return _find_override_fault(values, override, saving, settings)


def _find_override_fault(
    values: FieldValues, override: str, saving: Saving, settings: CouncilSettings
) -> str:
    """Return the fault of an override: it needs a forecast, a reason and another status."""
    reason, forecast = values.get("override_reason", ""), values.get("forecast_saving_pence")
    if reason and not override:
        return "A reason is given, but no status to put in place of the one that is worked out."
    if not override:
        return ""
    if forecast is None:
        return "Give a forecast before you put another status in place."
    if not reason:
        return f"Say why the status is {override}."
    derived = status_of(settings, saving.agreed_saving_pence, forecast).word
    if override == derived:
        return (
            f"The figures give {derived} already ({plain_pounds(forecast)} of "
            f"{plain_pounds(saving.agreed_saving_pence)}); leave the other status blank."
        )
    return ""


def _refuse_clashes(
    changes: Sequence[PositionChange], stored: Mapping[int, SavingPosition]
) -> None:
    """Refuse changes of positions that others changed meanwhile, unless both say the same."""
    theirs: dict[int, SavingPosition | None] = {}
    for change in changes:
        now = stored.get(change.saving)
        same = now is not None and all(
            getattr(now, name) == value for name, value in change.values.items()
        )
        if position_version(now) != change.seen_version and not same:
            theirs[change.saving] = now
    if theirs:
        raise PositionsClashed(theirs)
