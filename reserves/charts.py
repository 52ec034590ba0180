"""Charts of reserves: balances rolled forward, and the General Fund beside its minimum. Pure."""

from collections.abc import Iterator, Sequence

from council_finance.charts import Chart, ChartTable, Mark, WaterfallStep, bars, waterfall
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.statements import Display
from reserves.calculations import Balance


def general_fund(
    balance: Balance, effect: int | None, display: Display, *, start: int, at_close: bool
) -> Chart:
    """Return the General Fund from its opening balance to the balance after the forecast.

    `start` is the year; `effect` is what the forecast variance adds, in pence, None at the close
    and without a forecast.
    """
    last = "" if effect is None else "Before the forecast"
    steps = list(_roll_forward(balance, display, start=start, at_close=at_close, last=last))
    closing = balance.closing
    if effect is not None:
        closing += effect
        steps.append(WaterfallStep(_build_mark("Forecast variance", effect, display)))
        steps.append(
            WaterfallStep(_build_mark("After the forecast", closing, display), standing=True)
        )
    title = _change_title("The General Fund", balance.opening, closing, display)
    if effect is not None:
        title += " after the forecast"
    return Chart(
        name="general-fund",
        title=title,
        unit=f"What moves it in {financial_year_label(start)}, {display.unit_label}",
        figure=waterfall(steps, more_is="favourable"),
        table=_table_of_steps(steps, display),
        figures_at="reserves-general-fund-caption",
    )


def earmarked(balance: Balance, display: Display, *, start: int, at_close: bool) -> Chart:
    """Return all earmarked reserves together, from the opening to the closing balance."""
    steps = list(_roll_forward(balance, display, start=start, at_close=at_close))
    return Chart(
        name="earmarked",
        title=_change_title("Earmarked reserves", balance.opening, balance.closing, display),
        unit=f"All of them together in {financial_year_label(start)}, {display.unit_label}",
        figure=waterfall(steps, more_is="favourable"),
        table=_table_of_steps(steps, display),
    )


def _table_of_steps(steps: Sequence[WaterfallStep], display: Display) -> ChartTable:
    rows = tuple((step.mark.label, step.mark.text) for step in steps)
    return ChartTable(("Step", display.unit_label), rows[:-1], rows[-1])


def against_minimum(
    before: int, effect: int | None, minimum: int, display: Display, *, at_close: bool
) -> Chart:
    """Return the General Fund beside its minimum level; amounts in pence.

    It has a bar before and one after the forecast; at the close and without a forecast only one.
    """
    label = (
        "At the close" if at_close else "At year end" if effect is None else "Before the forecast"
    )
    balances = [(label, before)]
    if effect is not None:
        balances.append(("After the forecast", before + effect))
    last_label, last = balances[-1]
    marks = [
        _build_mark(name, amount, display, sense="adverse" if amount < minimum else "")
        for name, amount in balances
    ]
    return Chart(
        name="minimum",
        title=_minimum_title(last_label, last, minimum, display),
        unit=f"General Fund beside its minimum level, {display.unit_label}",
        figure=bars([*marks, _build_mark("Minimum level", minimum, display)]),
        table=_minimum_table(balances, minimum, display),
    )


def _minimum_table(
    balances: Sequence[tuple[str, int]], minimum: int, display: Display
) -> ChartTable:
    rows = [
        (name, display.amount(pence), _distance_text(pence - minimum, display))
        for name, pence in balances
    ]
    return ChartTable(
        ("Balance", display.unit_label, "Beside the minimum"),
        (*rows, ("Minimum level", display.amount(minimum), "")),
        text_columns=(2,),
    )


def _roll_forward(
    balance: Balance, display: Display, *, start: int, at_close: bool, last: str = ""
) -> Iterator[WaterfallStep]:
    """Yield the steps from the opening to the closing balance; at the close those booked.

    Where only some of several reserves have been booked, the others close as expected.
    """
    yield WaterfallStep(_build_mark(f"31 March {start}", balance.opening, display), standing=True)
    booked = at_close and balance.booked
    if booked:
        yield WaterfallStep(_build_mark("Actual movements", balance.actual, display))
        rest = balance.closing - balance.opening - balance.actual
        if rest:
            yield WaterfallStep(_build_mark("Expected, not booked yet", rest, display))
    else:
        yield WaterfallStep(_build_mark("Budgeted movements", balance.budgeted, display))
        yield WaterfallStep(_build_mark("Anticipated movements", balance.anticipated, display))
    label = last or f"31 March {start + 1}"
    yield WaterfallStep(_build_mark(label, balance.closing, display), standing=True)


def _build_mark(label: str, pence: int, display: Display, *, sense: str = "") -> Mark:
    return Mark(label, pence, display.amount(pence), f"{label}: {plain_pounds(pence)}", sense)


def _change_title(name: str, opening: int, closing: int, display: Display) -> str:
    """Return `The General Fund rises from £17.689m to £18.367m`, judged by the printed amounts."""
    is_one = name.startswith("The ")

    def words(pence: int) -> str:
        return display.in_words(pence) if display.rounded_pence(pence) else "nil"

    change = display.rounded_pence(closing) - display.rounded_pence(opening)
    if change == 0:
        return f"{name} {'stays' if is_one else 'stay'} at {words(closing)}"
    verb = "rise" if change > 0 else "fall"
    return f"{name} {verb}{'s' if is_one else ''} from {words(opening)} to {words(closing)}"


def _minimum_title(when: str, balance: int, minimum: int, display: Display) -> str:
    where, beyond = when[:1].lower() + when[1:], balance - minimum
    how = _distance_text(beyond, display) if display.rounded_pence(beyond) else "at"
    return f"The General Fund is {how} its minimum level {where}"


def _distance_text(pence: int, display: Display) -> str:
    if display.rounded_pence(pence) == 0:
        return "the same"
    return f"{display.in_words(abs(pence))} {'above' if pence > 0 else 'below'}"
