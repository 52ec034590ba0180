"""The review of a period: reasons against publishing it, and its checks."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.periods import CLOSE
from council_finance.statements.casting import AGREES, DIFFERS, ROUNDING, Check
from monitoring.figures.selectors.inputs import Inputs, PlacedLines, figures_inputs
from monitoring.ledger.spending_without_budget import is_unbudgeted
from monitoring.plausibility.models import CheckReason
from monitoring.plausibility.selectors.check_reasons import (
    CheckIdentity,
    identity_of,
    key_of,
    reasons_of,
)
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData, has_draft
from monitoring.structure.models import UNALLOCATED, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.models import Upload, UploadState

SHOWN = 100
"""The number of checks of a kind that the page lists; it counts the others."""


def publishing_inputs(period: Period) -> Inputs | None:
    """Return what the figures of an open period are calculated from; None without figures.

    A period without a ledger that has something else to report has the bare tree.
    """
    return figures_inputs(period) if has_draft(period) else None


def place_lines(period: Period, positions: pd.DataFrame) -> PlacedLines:
    """Return positions of a period that are read already, with the tree of today."""
    return PlacedLines(current_tree(period.year), positions)


def publishing_blockers(period: Period, placed: PlacedLines | None) -> list[str]:
    """Return every reason why a period cannot be published, in sentences.

    `placed` are its lines; None without figures.
    """
    reasons = _find_missing_steps(period)
    if placed is not None:
        reasons += _find_misplaced_lines(placed)
        if period.number == CLOSE:
            reasons += _find_other_outturns(placed.positions)
    if not period.is_published:
        reasons += registry.find_publication_blockers(period)
    return reasons


def _find_missing_steps(period: Period) -> list[str]:
    if period.is_published:
        return [f"{period} is published already."]
    reasons = []
    if not has_draft(period):
        reasons.append(f"There are no figures for {period} yet; upload its position first.")
    later = Report.objects.filter(period__year=period.year, period__number__gt=period.number)
    last = later.select_related("period__year").order_by("-period__number").first()
    if last and not Report.objects.filter(period=period).exists():
        reasons.append(
            f"{last.period} is published already, and {period.name.lower()} comes before it. "
            "A period before the latest published one cannot be published for the first time."
        )
    storing = Upload.objects.filter(year=period.year, period=period.number)
    if storing.filter(state=UploadState.STORING).exists():
        reasons.append(f"Figures are being stored for {period}; publish when that has ended.")
    return reasons


def _find_misplaced_lines(placed: PlacedLines) -> list[str]:
    """Return a reason for each closed, grouping or unallocated service that holds lines."""
    tree, reasons = placed.tree, []
    for service_id, count in placed.positions["service"].value_counts().sort_index().items():
        service = tree.register[int(service_id)]
        lines = "1 line is" if count == 1 else f"{count:,} lines are"
        if service.code == UNALLOCATED:
            reasons.append(
                f"{lines} under “Unallocated”. Upload the position with a service_code for them."
            )
        elif tree.is_stray(service.id):
            reasons.append(
                f"{lines} placed on {service.code} ({service.name}), which has other services "
                "under it or has closed. Upload the position with a service_code for them."
            )
    return reasons


def _find_other_outturns(positions: pd.DataFrame) -> list[str]:
    """Return a reason where a forecast at the close is not the actual: both are the outturn."""
    actual, forecast = positions["actual_to_date"], positions["forecast"]
    differs = (actual.notna() & forecast.notna() & (actual != forecast)).fillna(False)
    if not differs.any():
        return []
    row = positions[differs].iloc[0]
    service = Service.objects.get(pk=row["service"])
    return [
        f"{int(differs.sum())} lines have a forecast that is not their outturn, the first "
        f"under {service.name}: {exact_pounds(int(row['forecast']))} against an actual of "
        f"{exact_pounds(int(row['actual_to_date']))}."
    ]


@dataclass(frozen=True)
class CheckRow:
    """A check as the page lists it, with amounts in pounds and pence.

    `key` stands for the check in the form; `given` is the reason why it differs, if any, and
    `typed` one that was sent and not stored.
    """

    key: str
    name: str
    statement: str
    title: str
    expected: str
    actual: str
    difference: str
    given: CheckReason | None
    typed: str = ""


@dataclass(frozen=True)
class Checks:
    """A report's checks by their result, and the changed budgets that no virement explains.

    The first SHOWN of each are listed, and all are counted.
    """

    differs: list[CheckRow]
    differ_count: int
    rounding: list[CheckRow]
    rounding_count: int
    agree_count: int
    budgets: list[CheckRow]
    budget_count: int
    without_reason: int


def sorted_checks(
    facts: ReportData, checks: list[Check], typed: Mapping[str, str] | None = None
) -> Checks:
    """Return a report's checks by their result, and apart from them the unexplained budgets.

    `typed` are reasons that were sent and not stored, by the checks' keys.
    """
    reasons = reasons_of(facts.period)
    changes = registry.checks()["budget-changes"](facts)
    budgets = [check for check in changes if check.status == DIFFERS]
    unexplained = set(budgets)
    checks = [check for check in checks if check not in unexplained]
    differs = [check for check in checks if check.status == DIFFERS]
    rounding = [check for check in checks if check.status == ROUNDING]
    return Checks(
        differs=_list_checks(differs, reasons, typed),
        differ_count=len(differs),
        rounding=_list_checks(rounding, reasons),
        rounding_count=len(rounding),
        agree_count=sum(check.status == AGREES for check in checks),
        budgets=_list_checks(budgets, reasons, typed),
        budget_count=len(budgets),
        without_reason=sum(identity_of(check) not in reasons for check in differs),
    )


def _list_checks(
    checks: list[Check],
    reasons: Mapping[CheckIdentity, CheckReason],
    typed: Mapping[str, str] | None = None,
) -> list[CheckRow]:
    titles = {entry.name: entry.title for entry in registry.statements().values()}
    return [
        CheckRow(
            key=key_of(check),
            name=check.name,
            statement=check.statement,
            title=titles.get(check.statement, check.statement),
            expected=check.amounts[0],
            actual=check.amounts[1],
            difference=check.amounts[2],
            given=reasons.get(identity_of(check)),
            typed=(typed or {}).get(key_of(check), ""),
        )
        for check in checks[:SHOWN]
    ]


@dataclass(frozen=True)
class Unbudgeted:
    """Lines with spending and no budget: their number, and their actual and forecast in pounds."""

    lines: int
    actual: str
    forecast: str


def unbudgeted_lines(positions: pd.DataFrame) -> Unbudgeted:
    """Count and total the lines that have spending and no budget; columns of positions_frame."""
    spent = positions[is_unbudgeted(positions)]
    return Unbudgeted(
        lines=len(spent),
        actual=plain_pounds(int(spent["actual_to_date"].sum())),
        forecast=plain_pounds(int(spent["forecast"].sum())),
    )
