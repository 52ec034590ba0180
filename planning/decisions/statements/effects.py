"""The effects of decisions by year, and what of them the forecast does not hold."""

from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.quantities import PARTS
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.report_rows import SIGNS, DecisionRow, EffectRow
from planning.decisions.report_section import section_of
from planning.decisions.statements.decisions import NAME as DECISIONS

NAME = "decision-effects"
TITLE = "Effects of decisions"
_KINDS = {"reserve": "Reserve movement"}
NOT_IN_FORECAST, WITHOUT_FIGURE = "not_in_forecast", "without_a_figure"


@registry.statement(NAME, title=TITLE, after=DECISIONS, of_any_period=True)
def decision_effects(facts: ReportData) -> Statement:
    """Return each decision's effects by year; savings and income are negative.

    Costs, savings and income that the forecast does not hold are added up, without those of
    decisions that were withdrawn.
    """
    display = facts.display(NAME)
    found = [each for each in section_of(facts).decisions if each.effects]
    years = _list_years(found)
    rows = [row for each in found for row in _build_block(each, years, display)]
    if found:
        rows += _build_sums(found, years, display)
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=display,
        columns=(
            *(Column(key, label, display.unit_label) for key, label in years.items()),
            Column("in_forecast", "In the forecast"),
            Column("in_plan", "In the plan"),
        ),
        rows=tuple(rows),
        footnotes=tuple(_build_notes(found)),
        row_heading="Effect",
    )


def _list_years(decisions: Sequence[DecisionRow]) -> dict[str, str]:
    """Return the headings of the columns of years by key, in order."""
    effects = [effect for each in decisions for effect in each.effects]
    in_order = sorted(effects, key=lambda each: each.year_place)
    return {each.year_key: each.year_label for each in in_order}


def effect_key(decision: DecisionRow, effect: EffectRow) -> str:
    """Return the key of an effect's row."""
    return f"{decision.reference}:{effect.line}"


def describe_effect(effect: EffectRow) -> str:
    """Return an effect in words: `Cost, Adult Services, recurring`."""
    kind = _KINDS.get(effect.kind, effect.kind.capitalize())
    recurrence = effect.recurrence.replace("_", "-")
    return ", ".join(filter(None, [kind, effect.service_name, recurrence]))


def _build_block(decision: DecisionRow, years: dict[str, str], display: Display) -> Iterator[Row]:
    heading = f"{decision.reference} {decision.title}"
    yield Row(f"heading:{decision.reference}", heading, "heading")
    for effect in decision.effects:
        cells = dict.fromkeys(years, BLANK) | {
            effect.year_key: effect_cell(effect, display),
            "in_forecast": Cell(effect.in_forecast),
            "in_plan": Cell(effect.in_plan),
        }
        yield Row(effect_key(decision, effect), describe_effect(effect), "line", cells, 1)


def effect_cell(effect: EffectRow, display: Display) -> Cell:
    """Return the cell of an effect's amount; of a range, both ends; a dash without a figure."""
    low, high = effect.amount_low, effect.amount_high
    if effect.amount is None and low is not None and high is not None:
        sign = SIGNS.get(effect.kind, 1)
        return Cell(f"{display.amount(sign * low)} to {display.amount(sign * high)}")
    return Cell.of_amount(effect.signed_amount, display)


def is_not_in_forecast(decision: DecisionRow, effect: EffectRow) -> bool:
    """Return whether an effect changes net expenditure and the forecast is not said to hold it."""
    counts = effect.changes_net_expenditure and decision.status != "withdrawn"
    return counts and effect.in_forecast != "yes"


def _build_sums(
    decisions: Sequence[DecisionRow], years: dict[str, str], display: Display
) -> Iterator[Row]:
    pairs = [(each, effect) for each in decisions for effect in each.effects]
    missing = [pair for pair in pairs if is_not_in_forecast(*pair) and pair[1].amount is not None]
    amounts = {
        key: sum(effect.signed_amount or 0 for _, effect in missing if effect.year_key == key)
        for key in years
    }
    texts = {"in_forecast": BLANK, "in_plan": BLANK}
    yield Row(
        NOT_IN_FORECAST,
        "Costs less savings and income that are not in the forecast",
        "total",
        {key: Cell.of_amount(pence, display) for key, pence in amounts.items()} | texts,
        sum_of=tuple(effect_key(*pair) for pair in missing),
    )
    open_effects = [
        effect for each, effect in pairs if not effect.has_figure and each.status != "withdrawn"
    ]
    counts = {key: sum(each.year_key == key for each in open_effects) for key in years}
    yield Row(
        WITHOUT_FIGURE,
        "Effects without a figure: exempt, or not known (number)",
        "line",
        {key: Cell(str(count), number=count * PARTS) for key, count in counts.items()} | texts,
        is_number=True,
    )


def _build_notes(decisions: Sequence[DecisionRow]) -> Iterator[Footnote]:
    if not decisions:
        yield Footnote("", "No effects of decisions have been uploaded for this year.")
        return
    effects = [effect for each in decisions for effect in each.effects]
    if any(not effect.changes_net_expenditure for effect in effects):
        yield Footnote(
            "",
            "Virements, movements of reserves and capital do not change net expenditure and are "
            "not added up.",
        )
    if any(effect.amount is None and effect.has_figure for effect in effects):
        yield Footnote("", "A range is not added up.")
