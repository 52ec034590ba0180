"""The grants section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.models import Batch, BudgetLine, Period, Position
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.tree import current_tree
from reserves.grants.calculations import add_given
from reserves.grants.models import Grant, GrantPosition, GrantShare
from reserves.grants.report_rows import GrantLine, GrantRow, GrantsSection, ShareRow
from reserves.grants.selectors import grants_of, positions_in, shares_of
from reserves.grants.settings_tables import grants_settings

NAME = "grants"


@registry.report_section(NAME)
def grants_data(period: Period) -> Mapping[str, Any]:
    """Return the period's grants section as plain data, each list read when it is needed."""
    return LazyMapping(
        {
            "grants": lambda: [asdict(row) for row in _build_rows(period)],
            "lines": lambda: [asdict(line) for line in _read_lines(period)],
        }
    )


def section_of(facts: ReportData) -> GrantsSection:
    """Return the grants section of a report, draft or published."""
    return facts.typed_section(NAME, GrantsSection)


def _build_rows(period: Period) -> list[GrantRow]:
    grants = grants_of(period.year)
    if not grants:
        return []
    stored, positions = shares_of(grants), positions_in(period)
    shares = _build_shares(stored, period)
    return [_build_row(each, shares[each.pk], positions.get(each.pk)) for each in grants]


def _build_shares(
    stored: Mapping[int, list[GrantShare]], period: Period
) -> dict[int, list[ShareRow]]:
    """Return the shares of each grant; a closed service's is that of the open one it is now in."""
    tree = current_tree(period.year)
    homes: dict[int | None, tuple[str, str]] = {None: ("", "")}
    for share in (share for shares in stored.values() for share in shares):
        if share.service_id is not None:
            home = tree.register[tree.home(share.service_id)]
            homes[share.service_id] = (home.code, home.name)
    return {
        grant: [ShareRow(*homes[share.service_id], share.expected_pence) for share in shares]
        for grant, shares in stored.items()
    }


def _build_row(grant: Grant, shares: list[ShareRow], position: GrantPosition | None) -> GrantRow:
    stored = position or GrantPosition()
    expected = stored.expected_pence
    if expected is None:
        expected = add_given([share.expected for share in shares])
    return GrantRow(
        reference=grant.reference,
        name=grant.name,
        awarding_body=grant.awarding_body,
        group=grant.group,
        kind=grant.kind,
        ring_fenced=grant.ring_fenced,
        opening=grant.opening_balance_pence,
        purpose=grant.purpose,
        end_date=grant.end_date.isoformat() if grant.end_date else "",
        repay_unspent=grant.repay_unspent,
        shares=tuple(shares),
        expected=expected,
        reported=position is not None,
        received=stored.received_pence,
        applied=stored.applied_pence,
        repaid=stored.repaid_pence,
        other_movements=stored.other_movements_pence,
        commentary=stored.commentary,
    )


def _read_lines(period: Period) -> list[GrantLine]:
    """Return the lines that the settings name for groups of grants, with the period's budgets."""
    named = grants_settings(read_settings(period.year.settings)).lines
    return lines_in(period.batch, named)


def lines_in(batch: Batch | None, named: Mapping[str, str]) -> list[GrantLine]:
    """Return the lines (cost centre/account) by group with their budgets in a batch."""
    budgets = _budgets_in(batch, set(named.values())) if batch is not None and named else {}
    return [GrantLine(group, code, budgets.get(code)) for group, code in named.items()]


def _budgets_in(batch: Batch, codes: set[str]) -> dict[str, int]:
    """Return the current budgets in pence of the lines of these codes that the batch has."""
    centres = {code[:place] for code in codes for place in _find_slashes(code)}
    lines = BudgetLine.objects.filter(year=batch.period.year, cost_centre__in=centres)
    by_id = {line.pk: line.code for line in lines if line.code in codes}
    rows = Position.objects.of_batch(batch).filter(line__in=list(by_id))
    budgets = rows.values_list("line", "current_budget_pence")
    return {by_id[line]: pence for line, pence in budgets}


def _find_slashes(code: str) -> list[int]:
    return [place for place, letter in enumerate(code) if letter == "/"]
