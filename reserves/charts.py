"""Reserves as charts: how balances roll forward, and the General Fund beside its minimum. Pure."""

from collections.abc import Iterator

from council_finance.charts import Chart, ChartTable, Mark, Step, bars, waterfall
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.statements import Display
from reserves.calculations import Balance


def general_fund(
    balance: Balance, effect: int | None, display: Display, *, start: int, at_close: bool
) -> Chart:
    """The General Fund from the balance that `start` began with to the one after the forecast.

    `effect` is what the forecast variance adds, in pence; None at the close and without a forecast.
    """
    last = "" if effect is None else "Before the forecast"
    steps = list(_rolled(balance, display, start=start, at_close=at_close, last=last))
    closing = balance.closing
    if effect is not None:
        closing += effect
        steps.append(Step(_mark("Forecast variance", effect, display)))
        steps.append(Step(_mark("After the forecast", closing, display), standing=True))
    title = _course("The General Fund", balance.opening, closing, display)
    if effect is not None:
        title += " after the forecast"
    return Chart(
        name="general-fund",
        title=title,
        unit=f"What moves it in {financial_year_label(start)}, {display.unit_label}",
        figure=waterfall(steps, more_is="favourable"),
        figures_at="reserves-general-fund-caption",
    )


def earmarked(balance: Balance, display: Display, *, start: int, at_close: bool) -> Chart:
    """All earmarked reserves together, from the opening to the closing balance."""
    steps = list(_rolled(balance, display, start=start, at_close=at_close))
    return Chart(
        name="earmarked",
        title=_course("Earmarked reserves", balance.opening, balance.closing, display),
        unit=f"All of them together in {financial_year_label(start)}, {display.unit_label}",
        figure=waterfall(steps, more_is="favourable"),
        table=ChartTable(
            ("Step", display.unit_label),
            tuple((step.mark.label, step.mark.text) for step in steps[:-1]),
            (steps[-1].mark.label, steps[-1].mark.text),
        ),
    )


def against_minimum(
    before: int, effect: int | None, minimum: int, display: Display, *, at_close: bool
) -> Chart:
    """The General Fund beside the level that the council holds it at, in pence.

    Before and after the forecast; at the close and without a forecast its one balance.
    """
    label = (
        "At the close" if at_close else "At year end" if effect is None else "Before the forecast"
    )
    balances = [(label, before)]
    if effect is not None:
        balances.append(("After the forecast", before + effect))
    last = balances[-1][1]
    marks = [
        _mark(name, amount, display, sense="adverse" if amount < minimum else "")
        for name, amount in balances
    ]
    return Chart(
        name="minimum",
        title=_beside_minimum(balances[-1][0], last, minimum, display),
        unit=f"General Fund beside its minimum level, {display.unit_label}",
        figure=bars([*marks, _mark("Minimum level", minimum, display)]),
        table=ChartTable(
            ("Balance", display.unit_label, "Beside the minimum"),
            (
                *(
                    (name, display.amount(pence), _beyond(pence - minimum, display))
                    for name, pence in balances
                ),
                ("Minimum level", display.amount(minimum), ""),
            ),
            text_columns=(2,),
        ),
    )


def _rolled(
    balance: Balance, display: Display, *, start: int, at_close: bool, last: str = ""
) -> Iterator[Step]:
    """From the opening to the closing balance; at the close by what was booked.

    Where only some of several reserves have been booked, the others close at what was expected.
    """
    yield Step(_mark(f"31 March {start}", balance.opening, display), standing=True)
    booked = at_close and balance.booked
    if booked:
        yield Step(_mark("Actual movements", balance.actual, display))
        rest = balance.closing - balance.opening - balance.actual
        if rest:
            yield Step(_mark("Expected, not booked yet", rest, display))
    else:
        yield Step(_mark("Budgeted movements", balance.budgeted, display))
        yield Step(_mark("Anticipated movements", balance.anticipated, display))
    label = last or f"31 March {start + 1}"
    yield Step(_mark(label, balance.closing, display), standing=True)


def _mark(label: str, pence: int, display: Display, *, sense: str = "") -> Mark:
    return Mark(label, pence, display.amount(pence), f"{label}: {plain_pounds(pence)}", sense)


def _course(name: str, opening: int, closing: int, display: Display) -> str:
    """`The General Fund goes from £17.689m to £18.367m`, by what is printed."""
    is_one = name.startswith("The ")

    def words(pence: int) -> str:
        return display.in_words(pence) if display.rounded_pence(pence) else "nil"

    change = display.rounded_pence(closing) - display.rounded_pence(opening)
    if change == 0:
        return f"{name} {'stays' if is_one else 'stay'} at {words(closing)}"
    verb = "rise" if change > 0 else "fall"
    return f"{name} {verb}{'s' if is_one else ''} from {words(opening)} to {words(closing)}"


def _beside_minimum(when: str, balance: int, minimum: int, display: Display) -> str:
    where, beyond = when[:1].lower() + when[1:], balance - minimum
    how = _beyond(beyond, display) if display.rounded_pence(beyond) else "at"
    return f"The General Fund is {how} its minimum level {where}"


def _beyond(pence: int, display: Display) -> str:
    if display.rounded_pence(pence) == 0:
        return "the same"
    return f"{display.in_words(abs(pence))} {'above' if pence > 0 else 'below'}"
