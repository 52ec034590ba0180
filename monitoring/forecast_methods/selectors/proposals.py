"""The forecast proposed for each line by its method, beside the forecast that people give."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from council_finance import registry
from council_finance.among import among
from council_finance.registry import WorkedForecast
from monitoring.forecast_methods.calculations import METHODS, work_out
from monitoring.forecast_methods.selectors.frozen_figures import Code
from monitoring.forecast_methods.selectors.in_force import chosen_methods
from monitoring.forecast_methods.selectors.line_inputs import Place, read_draft_inputs
from monitoring.structure.models import BudgetLine, Period


@dataclass(frozen=True, slots=True)
class Proposal:
    """A forecast that a method proposes for a line, in pence.

    `method` is its name (`in_force.method_labels` has the words), `pence` None where something is
    missing. `why` says in a few words what it is made of, or what is missing: `no actual given`.
    """

    method: str
    pence: int | None
    why: str


@dataclass(frozen=True, slots=True)
class _Line:
    service: int
    code: Code


def proposals(period: Period, lines: Collection[int]) -> dict[int, Proposal]:
    """Return the forecast proposed for each of these lines (ids) in a period, by line.

    Lines without a method (their own, one of a service above them, or the council's) are left
    out, and so are all where the period has no figures. A proposal changes nothing: enter its
    `pence` as a person's own forecast to take it. The number of queries does not depend on the
    number of lines, up to 5,000. Rights and exempt lines are the caller's business.
    """
    if period.batch_id is None or not lines:
        return {}
    chosen = chosen_methods(period.year)
    if chosen.are_none:
        return {}
    known = _read_lines(lines)
    by_method: dict[str, list[int]] = defaultdict(list)
    for pk, line in known.items():
        if found := chosen.of_line(pk, line.service):
            by_method[found.name].append(pk)
    worked: dict[int, Proposal] = {}
    for name, forecasts in _work_out_all(period, by_method, known).items():
        for pk, forecast in forecasts.items():
            worked[pk] = Proposal(name, forecast.pence, forecast.why)
    return worked


def _read_lines(lines: Collection[int]) -> dict[int, _Line]:
    rows = BudgetLine.objects.filter(among("pk", lines)).order_by()
    return {
        pk: _Line(service, (centre, account))
        for pk, service, centre, account in rows.values_list(
            "pk", "service", "cost_centre", "account"
        )
    }


def _work_out_all(
    period: Period, by_method: Mapping[str, list[int]], known: Mapping[int, _Line]
) -> dict[str, Mapping[int, WorkedForecast]]:
    """Return the forecasts of each method for its lines, by method and line."""
    own = [pk for name in METHODS for pk in by_method.get(name, ())]
    found: dict[str, Mapping[int, WorkedForecast]] = {}
    if own and period.batch_id is not None:
        place = Place(period.year.start, period.number, period.batch_id)
        figures = read_draft_inputs(place, {pk: known[pk].code for pk in own})
        for name in METHODS:
            inputs = {pk: figures.inputs(place, known[pk].code) for pk in by_method.get(name, ())}
            found[name] = {pk: work_out(name, line) for pk, line in inputs.items() if line}
    for name, entry in registry.forecast_methods().items():
        if name in by_method:
            found[name] = entry.work_out(period, by_method[name])
    return found
