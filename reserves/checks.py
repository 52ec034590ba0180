"""Checks that reserves agree with the rest of the report, made from the report's data alone."""

from collections import defaultdict
from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from reserves.calculations import ACTUAL, ANTICIPATED
from reserves.receipts_comparison import compare_with_annex_a
from reserves.report_rows import ReserveRow
from reserves.report_section import section_of
from reserves.statements.capital_receipts import NAME as RECEIPTS
from reserves.statements.earmarked import NAME as EARMARKED
from reserves.statements.general_fund import NAME as GENERAL_FUND
from reserves.statements.schedule import NAME as SCHEDULE


@registry.check("reserves-planned-use")
def planned_use(facts: ReportData) -> Iterator[Check]:
    """Compare the planned use of reserves in Annex A with earmarked anticipated movements.

    Transfers are left out: they are not a use of reserves by a service.
    """
    section = section_of(facts)
    earmarked = {each.code for each in section.reserves if each.is_earmarked}
    if not earmarked:
        return
    anticipated = sum(
        side.amount
        for side in section.movements
        if side.kind == ANTICIPATED and side.reserve in earmarked and not side.is_transfer
    )
    title = "The anticipated movements of earmarked reserves are the planned use in Annex A"
    yield Check.compare(title, EARMARKED, facts.top.use_of_reserves, anticipated)


@registry.check("capital-receipts")
def receipts_and_annex_a(facts: ReportData) -> Iterator[Check]:
    """Compare the projects' forecast with the planned use in Annex A, by service and in total."""
    found = compare_with_annex_a(facts)
    for each in found:
        title = f"{each.label}: the projects’ forecast is the planned use in Annex A"
        yield Check.compare(title, RECEIPTS, each.planned_use, each.forecast)
    if found:
        title = "All projects’ forecast is the planned use in Annex A"
        use = -facts.top.use_of_capital_receipts
        yield Check.compare(title, RECEIPTS, use, sum(each.forecast for each in found))


@registry.check("reserves-transfers")
def transfers_net_to_nil(facts: ReportData) -> Iterator[Check]:
    """Check that the two sides of each transfer net to nil."""
    sums: dict[int, int] = defaultdict(int)
    for side in section_of(facts).movements:
        if side.transfer is not None:
            sums[side.transfer] += side.amount
    if sums:
        title = "The two sides of every transfer between reserves net to nil"
        yield Check.compare(title, SCHEDULE, 0, sum(abs(amount) for amount in sums.values()))


@registry.check("reserves-roll-forward")
def balances_roll_forward(facts: ReportData) -> Iterator[Check]:
    """Check that each reserve closes at its opening balance plus the movements that count.

    Those that do are counted in one check; every other is listed.
    """
    reserves = section_of(facts).reserves
    if not reserves:
        return
    rows = {row.key: row for row in statement(facts, SCHEDULE).rows}
    right: list[int] = []
    for reserve in reserves:
        wanted = _roll_forward(facts, reserve)
        closing = rows[reserve.code].cells["closing"].pence or 0
        if wanted == closing:
            right.append(closing)
        else:
            title = f"{reserve.name}: closes at its opening balance and movements"
            yield Check.compare(title, SCHEDULE, wanted, closing)
    title = f"{len(right)} of {len(reserves)} reserves close at their opening balance and movements"
    yield Check.compare(title, SCHEDULE, sum(right), sum(right))


def _roll_forward(facts: ReportData, reserve: ReserveRow) -> int:
    sides = [side for side in section_of(facts).movements if side.reserve == reserve.code]
    booked = [side.amount for side in sides if side.kind == ACTUAL]
    expected = [side.amount for side in sides if side.kind != ACTUAL]
    counted = booked if booked and facts.period.number == CLOSE else expected
    return reserve.opening + sum(counted)


@registry.check("general-fund-effect")
def general_fund_effect(facts: ReportData) -> Iterator[Check]:
    """Check that before the close the General Fund falls by the forecast net variance alone."""
    if not section_of(facts).reserves:
        return
    net = facts.top.net_variance
    rows = {row.key: row.cells for row in statement(facts, GENERAL_FUND).rows}
    if net is not None and "after" in rows:
        fall = (rows["total"]["closing"].pence or 0) - (rows["after"]["closing"].pence or 0)
        title = "The General Fund falls by the forecast net variance of Annex A"
        yield Check.compare(title, GENERAL_FUND, net, fall)
