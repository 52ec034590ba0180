"""What becomes of savings, month by month: entered, carried on, with what others saved in sight."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

from django.db import transaction

from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.council_settings import CouncilSettings, read_settings
from monitoring.models import Period
from savings.models import Saving, SavingPosition
from savings.pipeline import CARRIED_FIELDS, advance_register, open_period, put_position
from savings.rules import known_status, status_of
from savings.selectors.register import (
    counting,
    last_positions,
    position_version,
    positions,
    register,
)


@dataclass(frozen=True)
class PositionChange:
    """What a person says of a saving in a period: pipeline.POSITION_FIELDS, those that they gave.

    `seen` is position_version of what stood when they looked.
    """

    saving: int
    seen: str
    values: dict = field(default_factory=dict)


class PositionsClashed(Refused):
    """Nothing was saved: others changed some of the same savings meanwhile.

    `theirs` is what stands now, by the saving's id; None where it was taken back.
    """

    def __init__(self, theirs: dict[int, SavingPosition | None]):
        self.theirs = theirs
        savings = "1 saving" if len(theirs) == 1 else f"{len(theirs)} savings"
        super().__init__(
            f"Nothing was saved yet: {savings} changed while you were typing. What a colleague "
            "saved stands beside yours; save again to put yours in its place."
        )


class PositionsFaulty(Refused):
    """Nothing was saved: some entries cannot be right. `faults` are messages by the saving's id."""

    def __init__(self, faults: dict[int, str]):
        self.faults = faults
        super().__init__("Nothing was saved yet: some entries cannot be right. They are marked.")


def save_positions(
    *, period: Period, changes: list[PositionChange], within: Container[int], by
) -> int:
    """Store what becomes of savings in a period, all or nothing; answers how many changed.

    `within` are the ids of the services that the person looks after. Raises PositionsFaulty,
    PositionsClashed or Refused; nothing is stored then.
    """
    with transaction.atomic():
        period = open_period(period)
        savings, standing = _entry_rows(period, within), positions(period)
        _refuse_faulty(period, changes, savings)
        _refuse_unseen(changes, standing)
        changed = sum(
            put_position(
                period=period,
                saving=savings[change.saving],
                before=standing.get(change.saving),
                values=change.values,
                by=by,
            )
            for change in changes
            if _says_something(change, standing)
        )
        if changed:
            advance_register(period.year)
    return changed


def _says_something(change: PositionChange, standing: dict[int, SavingPosition]) -> bool:
    """A row left empty where nothing stands is no report of nothing."""
    return change.saving in standing or any(
        value not in (None, "") for value in change.values.values()
    )


def carry_positions(*, period: Period, within: Container[int], by) -> int:
    """Enter the last month's figures for savings that have none yet; answers how many.

    Its direction of travel and commentary are not carried. Raises Refused.
    """
    with transaction.atomic():
        period = open_period(period)
        savings, standing = _entry_rows(period, within), positions(period)
        carried = 0
        for before in last_positions(period, savings):
            if before.saving_id in standing:
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
        if carried:
            advance_register(period.year)
    return carried


def _entry_rows(period: Period, within: Container[int]) -> dict[int, Saving]:
    """The savings of the period that a person may report on, by id."""
    savings = counting(register(period.year), period.number)
    return {saving.pk: saving for saving in savings if saving.service_id in within}


def _refuse_faulty(
    period: Period, changes: list[PositionChange], savings: dict[int, Saving]
) -> None:
    settings, faults = read_settings(period.year.settings), {}
    sent = Counter(change.saving for change in changes)
    for change in changes:
        saving = savings.get(change.saving)
        if sent[change.saving] > 1:
            faults[change.saving] = "This saving was sent more than once. Load the page afresh."
        elif saving is None:
            faults[change.saving] = "This saving no longer counts here, or is not yours to keep."
        elif fault := _fault(change.values, saving, settings):
            faults[change.saving] = fault
    if faults:
        raise PositionsFaulty(faults)


def _fault(values: dict, saving: Saving, settings: CouncilSettings) -> str:
    """What is wrong with an entry; an override needs a forecast, a reason and another word."""
    declared, override = values.get("declared_status", ""), values.get("status_override", "")
    if (declared and not settings.savings_declared) or (override and not settings.savings_rules):
        return "The council’s status scheme is another now. Load the page afresh."
    for word in (declared, override):
        if word and word != known_status(settings, word):
            return f"“{word}” is no status of the council’s scheme."
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


def _refuse_unseen(changes: list[PositionChange], standing: dict[int, SavingPosition]) -> None:
    """Where what stands is not what was seen, and is not what is being said either."""
    theirs = {}
    for change in changes:
        now = standing.get(change.saving)
        same = now is not None and all(
            getattr(now, name) == value for name, value in change.values.items()
        )
        if position_version(now) != change.seen and not same:
            theirs[change.saving] = now
    if theirs:
        raise PositionsClashed(theirs)
