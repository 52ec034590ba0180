"""Do the reserves tie to the rest of the report? Read of the report's facts alone."""

from collections import defaultdict
from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from reserves.receipts import differences
from reserves.selectors import part_of
from reserves.statements.capital_receipts import NAME as RECEIPTS
from reserves.statements.earmarked import NAME as EARMARKED
from reserves.statements.general_fund import NAME as GENERAL_FUND
from reserves.statements.schedule import NAME as SCHEDULE


@registry.check("reserves-planned-use")
def planned_use(facts: ReportData) -> Iterator[Check]:
    """Planned use of reserves in the positions is what earmarked reserves anticipate.

    A transfer between reserves is no use of them by a service.
    """
    part = part_of(facts)
    earmarked = {each["code"] for each in part["reserves"] if each["kind"] == "earmarked"}
    if not earmarked:
        return
    anticipated = sum(
        side["amount"]
        for side in part["movements"]
        if side["kind"] == "anticipated"
        and side["reserve"] in earmarked
        and side["transfer"] is None
    )
    title = "The anticipated movements of earmarked reserves are the planned use in Annex A"
    yield Check.compare(title, EARMARKED, facts.top["use_of_reserves"], anticipated)


@registry.check("capital-receipts")
def receipts_and_annex_a(facts: ReportData) -> Iterator[Check]:
    """What projects are forecast to use is the planned use in Annex A, by service and together."""
    found = differences(facts)
    for each in found:
        title = f"{each.label}: the projects’ forecast is the planned use in Annex A"
        yield Check.compare(title, RECEIPTS, each.planned_use, each.forecast)
    if found:
        title = "All projects’ forecast is the planned use in Annex A"
        use = -facts.top["use_of_capital_receipts"]
        yield Check.compare(title, RECEIPTS, use, sum(each.forecast for each in found))


@registry.check("reserves-transfers")
def transfers_net_to_nil(facts: ReportData) -> Iterator[Check]:
    """What leaves a reserve in a transfer enters another."""
    sums: dict[int, int] = defaultdict(int)
    for side in part_of(facts)["movements"]:
        if side["transfer"] is not None:
            sums[side["transfer"]] += side["amount"]
    if sums:
        title = "The two sides of every transfer between reserves net to nil"
        yield Check.compare(title, SCHEDULE, 0, sum(abs(amount) for amount in sums.values()))


@registry.check("reserves-roll-forward")
def balances_roll_forward(facts: ReportData) -> Iterator[Check]:
    """Each reserve closes at its opening balance and the movements that count at this time.

    Those that do are counted in one check; every other is listed.
    """
    if not part_of(facts)["reserves"]:
        return
    rows = {row.key: row for row in statement(facts, SCHEDULE).rows}
    right: list[int] = []
    for reserve in part_of(facts)["reserves"]:
        wanted = _rolled_forward(facts, reserve)
        closing = rows[reserve["code"]].cells["closing"].pence or 0
        if wanted == closing:
            right.append(closing)
        else:
            title = f"{reserve['name']}: closes at its opening balance and movements"
            yield Check.compare(title, SCHEDULE, wanted, closing)
    count = len(part_of(facts)["reserves"])
    title = f"{len(right)} of {count} reserves close at their opening balance and movements"
    yield Check.compare(title, SCHEDULE, sum(right), sum(right))


def _rolled_forward(facts: ReportData, reserve: dict) -> int:
    sides = [side for side in part_of(facts)["movements"] if side["reserve"] == reserve["code"]]
    booked = [side["amount"] for side in sides if side["kind"] == "actual"]
    expected = [side["amount"] for side in sides if side["kind"] != "actual"]
    counted = booked if booked and facts.period.number == CLOSE else expected
    return reserve["opening"] + sum(counted)


@registry.check("general-fund-effect")
def general_fund_effect(facts: ReportData) -> Iterator[Check]:
    """Before the close the forecast net variance falls on the General Fund, and only that."""
    if not part_of(facts)["reserves"]:
        return
    rows = {row.key: row.cells for row in statement(facts, GENERAL_FUND).rows}
    if "after" in rows:
        fall = (rows["total"]["closing"].pence or 0) - (rows["after"]["closing"].pence or 0)
        title = "The General Fund falls by the forecast net variance of Annex A"
        yield Check.compare(title, GENERAL_FUND, facts.top["net_variance"], fall)
