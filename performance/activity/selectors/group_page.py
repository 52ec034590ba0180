"""The page of a group of activity: its figures over the year, the mix, and what one more costs."""

from dataclasses import dataclass
from fractions import Fraction

from council_finance.charts import Chart
from council_finance.money import plain_pounds
from council_finance.periods import period_name
from council_finance.quantities import print_quantity
from council_finance.statements import Display, Statement
from council_finance.statements.display import NOT_GIVEN
from council_finance.statuses import tone_of
from monitoring.reports.selectors.report_data import ReportData
from performance.activity import charts
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.rules import round_pence
from performance.activity.selectors.overview import (
    activity_display,
    activity_statement,
    describe_group,
    print_amount,
)
from performance.activity.selectors.report_activity import earlier_sections, within_group
from performance.activity.settings_tables import activity_rules
from performance.activity.status import status_of_line
from performance.activity.totals import ActivityTotal, sum_given
from performance.activity.what_if import months_left, one_more, share_of
from performance.activity.words import plain_volume, volume_name

_SHARE_DECIMALS = 1


@dataclass(frozen=True)
class MixRow:
    """A line's share of the volume and of the money, budgeted and now, and the cost of one more."""

    name: str
    budget_volume: str
    volume: str
    budget_share: str
    share: str
    money_share: str
    one_more_year: str
    one_more_now: str
    status: str
    tone: str


@dataclass(frozen=True)
class TieRow:
    """The group beside its service: budget or forecast, and the difference, which is shown only."""

    what: str
    group: str
    service: str
    difference: str


@dataclass(frozen=True)
class GroupPage:
    """Everything that the page of a group shows."""

    group: GroupRow
    counted: str
    sentences: list[str]
    effects: Statement
    activity: Statement
    volume_chart: Chart | None
    cost_chart: Chart | None
    mix: list[MixRow]
    has_statuses: bool
    ties: list[TieRow]
    months_left: int
    inner: list[GroupRow]
    can_be_imagined: bool


def group_page(facts: ReportData, code: str) -> GroupPage | None:
    """Return the page of a group; None where the report has no such group."""
    section = section_of(facts)
    group = section.find(code)
    if group is None:
        return None
    own = within_group(facts, code)
    lines, display = section.lines_under(code), activity_display(facts)
    total, counted = ActivityTotal(lines), volume_name(group)
    return GroupPage(
        group=group,
        counted=counted,
        sentences=describe_group(group, total, display),
        effects=activity_statement(own, "activity-effects"),
        activity=activity_statement(own, "activity"),
        volume_chart=_volume_chart(facts, group, counted),
        cost_chart=_cost_chart(facts, group, counted),
        mix=_mix_rows(facts, lines),
        has_statuses=bool(activity_rules(facts.settings)),
        ties=_tie_rows(facts, group, total, display),
        months_left=months_left(facts.period.number),
        inner=[each for each in section.children.get(code, ()) if section.lines_under(each.code)],
        can_be_imagined=any(line.exit_run_rate is not None for line in lines),
    )


def _sections_by_period(facts: ReportData) -> list[tuple[str, ActivitySection]]:
    found = earlier_sections(facts) | {facts.period.number: section_of(facts)}
    return [(period_name(number), found[number]) for number in sorted(found)]


def _counted_lines(section: ActivitySection, group: GroupRow) -> list[LineRow]:
    return [line for line in section.lines_under(group.code) if line.counts]


def _volume_chart(facts: ReportData, group: GroupRow, counted: str) -> Chart | None:
    points = [
        charts.Point(
            name,
            sum_given(line.budget_volume for line in _counted_lines(section, group)),
            _sum_where_all_given(_counted_lines(section, group)),
        )
        for name, section in _sections_by_period(facts)
        if section.find(group.code)
    ]
    last = points[-1]
    title = f"{counted.capitalize()} at each period’s end against the budgeted number"
    if last.actual is not None and last.budget is not None:
        more = last.actual - last.budget
        sense = f"{plain_volume(abs(more))} {'more' if more > 0 else 'fewer'} than budgeted"
        title = f"{plain_volume(last.actual)} {counted}, {sense if more else 'as budgeted'}"
    return charts.volume_chart(points, counted, title, plain_volume)


def _sum_where_all_given(lines: list[LineRow]) -> int | None:
    """Return the volume of lines; None where one that was budgeted for is not reported."""
    if any(line.volume is None and line.budget_volume for line in lines):
        return None
    return sum_given(line.volume for line in lines)


def _cost_chart(facts: ReportData, group: GroupRow, counted: str) -> Chart | None:
    points = [
        charts.Point(name, *_yearly_costs(section.lines_under(group.code)))
        for name, section in _sections_by_period(facts)
        if section.find(group.code)
    ]
    last = points[-1]
    title = f"What each of the {counted} costs in a year, against the budget"
    if last.actual is not None and last.budget is not None:
        change = last.actual - last.budget
        sense = "more" if change > 0 else "less"
        title = (
            f"Each of the {counted} costs {_print_pounds(last.actual)} in a year, "
            f"{_print_pounds(abs(change))} {sense} than budgeted"
        )
    return charts.cost_chart(points, counted, title, _print_pounds)


def _yearly_costs(lines: list[LineRow]) -> tuple[int | None, int | None]:
    """Return what each costs in a year, budgeted and forecast, over lines that have both."""
    counted = [line for line in lines if line.counts]
    people_of = [line for line in lines if line.has_volume]
    budget = charts.yearly_cost_of_each(
        sum_given(line.budget for line in people_of),
        sum_given(line.budget_volume for line in counted),
    )
    if any(line.forecast is None for line in people_of):
        return budget, None
    forecast = charts.yearly_cost_of_each(
        sum_given(line.forecast for line in people_of),
        sum_given(line.volume_of(line.now) for line in counted),
    )
    return budget, forecast


def _print_pounds(pence: int) -> str:
    return plain_pounds(round_pence(Fraction(pence, 100)) * 100)


def _mix_rows(facts: ReportData, lines: list[LineRow]) -> list[MixRow]:
    """Return the lines that have a volume, each with its share of those that count."""
    counted = [line for line in lines if line.counts]
    volumes = sum_given(line.volume for line in counted)
    budgeted = sum_given(line.budget_volume for line in counted)
    money = sum_given(line.forecast for line in lines if line.has_volume)
    months = months_left(facts.period.number)
    rows = []
    for line in lines:
        if not line.has_volume:
            continue
        more = one_more(line, months)
        status = status_of_line(activity_rules(facts.settings), line)
        rows.append(
            MixRow(
                name=line.name,
                budget_volume=_print_volume(line.budget_volume),
                volume=_print_volume(line.volume),
                budget_share=_print_share(line.budget_volume, budgeted) if line.counts else "",
                share=_print_share(line.volume, volumes) if line.counts else "",
                money_share=_print_share(line.forecast, money),
                one_more_year=NOT_GIVEN if more is None else _print_pounds(more.full_year),
                one_more_now=NOT_GIVEN if more is None else _print_pounds(more.this_year),
                status=status,
                tone=tone_of(status),
            )
        )
    return rows


def _print_volume(quantity: int | None) -> str:
    return NOT_GIVEN if quantity is None else plain_volume(quantity)


def _print_share(part: int | None, whole: int | None) -> str:
    share = share_of(part, whole)
    return NOT_GIVEN if share is None else f"{print_quantity(share, _SHARE_DECIMALS)}%"


def _tie_rows(
    facts: ReportData, group: GroupRow, total: ActivityTotal, display: Display
) -> list[TieRow]:
    node = next((each for each in facts.nodes if group.home and each.key == group.home), None)
    if node is None:
        return []
    pairs: tuple[tuple[str, int | None, int | None], ...] = (
        ("Budget", total.budget, node.budget),
        ("Forecast", total.forecast, node.forecast),
        ("Variance", total.variance, node.gross_variance),
    )
    return [
        TieRow(
            what,
            print_amount(of_group, display),
            print_amount(of_service, display),
            NOT_GIVEN
            if of_group is None or of_service is None
            else display.amount(of_group - of_service),
        )
        for what, of_group, of_service in pairs
    ]
