"""Write the made-up council as packs: a year to its close, and the year that follows. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitoring.packs.made_up import planning_files, reserves
from monitoring.packs.made_up.agreements import (
    Decision,
    decision_of_leg,
    decision_of_reserve,
    make_decisions,
)
from monitoring.packs.made_up.commentary import PERCENT, THRESHOLD, texts_for
from monitoring.packs.made_up.files import in_pounds, write_csv
from monitoring.packs.made_up.ledger import CLOSE, Ledger, Leg, Line, LineFigures, make_lines
from monitoring.packs.made_up.plan import MadeUpPlan, label_of, make_plan
from monitoring.packs.made_up.savings import Saving, make_savings, savings_in
from monitoring.packs.made_up.tree import (
    COUNCIL,
    REORGANISED_IN,
    Council,
    read_council,
    reorganise,
    without_closed,
)
from monitoring.packs.made_up.virements import add_virements

FIRST_YEAR = 2023
_OPEN_MONTH = 5
"""The month of the second year that is not published yet."""

_LATE_FORECASTS = ("CORP", "STRAT")
"""The directorates whose forecasts have not come in for the open month."""

_SETTINGS = f"""\
council = "{COUNCIL}"
financial_year = "{{label}}"
publish = {{publish}}

[display]
unit = "k"
favourable = "brackets"
percent_decimals = 1

[commentary]
variance_above = {THRESHOLD}
variance_percent_above = {PERCENT}

[contingency]
lines = ["Z201/79000"]

[reserves]
minimum_general_fund = {reserves.MINIMUM_GENERAL_FUND}

[virements]
approve_up_to = {{{{ finance_officer = 50000, director = 100000 }}}}

[[status_scheme.savings]]
status = "Blue"
shortfall_below = 0

[[status_scheme.savings]]
status = "Green"
shortfall_percent_at_most = 5

[[status_scheme.savings]]
status = "Amber"
shortfall_percent_at_most = 30

[[status_scheme.savings]]
status = "Red"

[[status_scheme.variance]]
status = "Red"
variance_above = 500000

[[status_scheme.variance]]
status = "Red"
variance_above = 200000
variance_percent_above = 5

[[status_scheme.variance]]
status = "Amber"
variance_above = 100000
variance_percent_above = 1

[[status_scheme.variance]]
status = "Green"
"""


@dataclass(frozen=True)
class Year:
    """A year of the council: its tree at the start and after it is reorganised, and its books."""

    first: Council
    later: Council
    ledger: Ledger
    savings: Sequence[Saving]
    plan: MadeUpPlan
    decisions: Sequence[Decision]
    openings: dict[str, int]
    months: tuple[int, ...]
    publish: tuple[int, ...]

    @property
    def label(self) -> str:
        """Return the financial year, such as 2023/24."""
        return label_of(self.ledger.start)

    def council_in(self, month: int) -> Council:
        """Return the council as it is in a month."""
        return self.first if month < REORGANISED_IN else self.later


def write_packs(folder: Path, *, most: int | None = None) -> list[Path]:
    """Write the packs of both years into the folder, and return their folders.

    `most` leaves out all but the first services of each group, for a small council.
    """
    council = read_council(most)
    first = _first_year(council)
    second = _second_year(council, first)
    found = []
    for year in (first, second):
        pack = folder / f"full-year-{year.label.replace('/', '-')}"
        _write_pack(pack, year)
        found.append(pack)
    _write_history(found[0], council)
    return found


def _first_year(council: Council) -> Year:
    ledger = Ledger(FIRST_YEAR, make_lines(council, FIRST_YEAR))
    add_virements(ledger, through=CLOSE, pending=False)
    reserves.add_planned_use(ledger)
    months = tuple(range(1, CLOSE + 1))
    savings = make_savings(council, FIRST_YEAR, with_carried=True)
    later = reorganise(council)
    plan = make_plan(
        council,
        FIRST_YEAR,
        before=_lines_before(council),
        now=ledger.lines,
        savings=savings,
        earlier=(),
    )
    return Year(
        *(council, later, ledger, savings, plan, make_decisions(council, ledger, months)),
        *(reserves.openings(None), months, months),
    )


def _lines_before(council: Council) -> list[Line]:
    """Return the budget lines of the year before the first one."""
    return make_lines(council, FIRST_YEAR - 1, growth=0.95, pressure=0.72)


def _second_year(council: Council, first: Year) -> Year:
    start, before = FIRST_YEAR + 1, first.ledger
    ledger = Ledger(start, make_lines(council, start, growth=1.04, pressure=0.85))
    add_virements(ledger, through=_OPEN_MONTH - 1, pending=True)
    reserves.add_planned_use(ledger)
    later = without_closed(reorganise(council))
    months = tuple(range(1, _OPEN_MONTH + 1))
    savings = make_savings(council, start)
    plan = make_plan(
        later,
        start,
        before=before.lines,
        now=ledger.lines,
        savings=savings,
        earlier=first.savings,
    )
    return Year(
        *(later, later, ledger, savings, plan, make_decisions(later, ledger, months)),
        *(reserves.openings(before), months, months[:-1]),
    )


def _write_pack(pack: Path, year: Year) -> None:
    pack.mkdir(parents=True, exist_ok=True)
    settings = _SETTINGS.format(label=year.label, publish=list(year.publish))
    settings += planning_files.settings_of_plan(year.plan)
    (pack / "pack.toml").write_text(settings, encoding="utf-8")
    _write_tree(pack / "services.csv", year.first)
    _write_register(pack, year)
    planning_files.write_plan(pack, year.plan)
    planning_files.write_subjectives(pack, year.first, year.ledger, year.label)
    planning_files.write_decisions(pack, year.decisions, 0)
    planning_files.write_contracts(pack, year.first)
    for month in (0, *year.months):
        _write_month(pack / "periods" / f"{month:02d}", year, month)


def _write_tree(path: Path, council: Council) -> None:
    columns = "code,name,parent_code,order,total_label,successor_code"
    rows = [
        (row.code, row.name, row.parent, order, row.total_label, row.successor)
        for order, row in enumerate(council.rows, start=1)
    ]
    write_csv(path, columns, rows)


def _write_register(pack: Path, year: Year) -> None:
    """Write the files of the year: savings, reserves and projects of capital receipts."""
    write_csv(
        pack / "savings.csv",
        "reference,title,service_code,decision,category,agreed_saving,investment,plan_reference,"
        "brought_forward_from",
        (
            (
                *(each.reference, each.title, each.group, each.decision),
                *(each.category, in_pounds(each.agreed), in_pounds(each.investment)),
                each.plan_reference,
                label_of(year.ledger.start - 1) if each.is_carried else "",
            )
            for each in year.savings
        ),
    )
    write_csv(
        pack / "reserves.csv",
        "code,name,kind,group,opening_balance,purpose",
        (
            (each.code, each.name, each.kind, each.group, in_pounds(opening), each.purpose)
            for each in reserves.RESERVES
            for opening in [year.openings[each.code]]
        ),
    )
    lines = {lines[0].service.name: lines[0] for lines in year.ledger.by_service.values()}
    write_csv(
        pack / "capital_receipts.csv",
        "reference,project,service_code,cost_centre,original_planned,purpose",
        (
            (reference, name, line.service.code, line.service.centre, planned * 1000, name)
            for reference, name, service, planned, _ in reserves.PROJECTS
            if (line := lines.get(service))
        ),
    )


def _write_month(folder: Path, year: Year, month: int) -> None:
    council, ledger = year.council_in(month), year.ledger
    if movements := list(reserves.movements_in(ledger, month)):
        write_csv(
            folder / "reserve_movements.csv",
            "reserve_code,period,kind,amount,description,decision_reference",
            (
                (code, month, kind, in_pounds(pence), text, _decision_of(year, month, code))
                for code, kind, pence, text in movements
            ),
        )
    if month == 0:
        _write_budget(folder, year)
        return
    if month == REORGANISED_IN:
        _write_tree(folder / "services.csv", council)
    figures = ledger.month(month)
    late = _LATE_FORECASTS if month not in year.publish else ()
    planning_files.write_decisions(folder, year.decisions, month)
    _write_position(folder, council, figures, late)
    _write_virements(folder, [leg for leg in ledger.legs if leg.month == month])
    _write_savings(folder, year, month)
    write_csv(
        folder / "capital_receipts.csv",
        "reference,forecast",
        ((code, in_pounds(amount)) for code, amount in reserves.receipts_in(ledger, month)),
    )
    _write_debt(folder, council, ledger.start, month)
    texts = list(texts_for(council, figures, ledger.start, month))
    written = texts if month in year.publish else texts[::2]
    write_csv(folder / "commentary.csv", "service_code,text", written)


def _decision_of(year: Year, month: int, reserve: str) -> str:
    """Return the decision that allows what a reserve pays for from a month on, or ""."""
    return decision_of_reserve(year.ledger.start, month, reserve)


def _write_budget(folder: Path, year: Year) -> None:
    write_csv(
        folder / "budgets.csv",
        "service_code,cost_centre,account,description,original_budget,current_budget",
        (
            (
                *(year.first.home(line.service), *line.key, line.kind.description),
                *(in_pounds(line.budget), in_pounds(line.budget)),
            )
            for line in year.ledger.lines
        ),
    )


def _write_position(
    folder: Path, council: Council, figures: Iterable[LineFigures], late: tuple[str, ...]
) -> None:
    columns = (
        "service_code,cost_centre,account,description,original_budget,current_budget,"
        "actual_to_date,commitments,profiled_budget_to_date,forecast,planned_use_of_reserves,"
        "planned_use_of_capital_receipts"
    )
    write_csv(folder / "position.csv", columns, (_ledger_row(council, f, late) for f in figures))


def _ledger_row(
    council: Council, figures: LineFigures, late: tuple[str, ...]
) -> tuple[object, ...]:
    line = figures.line
    code = council.home(line.service)
    amounts = (
        *(figures.original, figures.budget, figures.actual, figures.commitments, figures.profile),
        None if code.startswith(late or ("-",)) else figures.forecast,
        *(figures.reserves, figures.receipts),
    )
    return (code, *line.key, line.kind.description, *map(in_pounds, amounts))


def _write_virements(folder: Path, legs: Sequence[Leg]) -> None:
    columns = (
        "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
        "approved_by,approved_on,reverses,reason,decision_reference"
    )
    rows = [
        (
            *(leg.reference, leg.dated, *leg.giver.key, *leg.receiver.key, in_pounds(leg.amount)),
            *(leg.kind, leg.approved_by, leg.approved_on, leg.reverses, leg.reason),
            decision_of_leg(leg),
        )
        for leg in legs
    ]
    if rows:
        write_csv(folder / "virements.csv", columns, rows)


def _write_savings(folder: Path, year: Year, month: int) -> None:
    columns = (
        "reference,forecast_saving,delivered_to_date,phasing_q1,phasing_q2,phasing_q3,phasing_q4,"
        "commentary"
    )
    rows = (
        (
            *(each.saving.reference, in_pounds(each.forecast), in_pounds(each.delivered)),
            *(*map(in_pounds, each.phasing), each.commentary),
        )
        for each in savings_in(year.savings, year.ledger.start, month)
    )
    write_csv(folder / "savings.csv", columns, rows)


def _write_debt(folder: Path, council: Council, start: int, month: int) -> None:
    columns = "service_code,name,not_overdue,days_0_30,days_31_90,days_91_365,days_over_365"
    debts = reserves.debt_in(council, start, month)
    rows = ((code, name, *map(in_pounds, amounts)) for code, name, amounts in debts)
    write_csv(folder / "aged_debt.csv", columns, rows)


def _write_history(pack: Path, council: Council) -> None:
    """Write what the reports of the year before the first one published."""
    ledger = Ledger(FIRST_YEAR - 1, _lines_before(council))
    columns = "financial_year,period,service_code,current_budget,net_variance"
    label = label_of(FIRST_YEAR - 1)
    rows = (
        (label, month, code, in_pounds(budget), in_pounds(net))
        for month in range(1, CLOSE + 1)
        for code, budget, net in _sums_by_row(council, ledger.month(month))
    )
    write_csv(pack / "history.csv", columns, rows)


def _sums_by_row(
    council: Council, figures: Iterable[LineFigures]
) -> Iterator[tuple[str, int, int]]:
    """Yield budget and net variance of every row of the tree."""
    parents = {row.code: row.parent for row in council.rows}
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in figures:
        code = each.line.service.code
        while code:
            sums[code][0] += each.budget
            sums[code][1] += each.net_variance
            code = parents[code]
    for code, (budget, net) in sums.items():
        yield code, budget, net
