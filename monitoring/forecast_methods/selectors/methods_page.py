"""The methods chosen for a service or a group, with what each proposes and how close it came."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.registry import WorkedForecast
from monitoring.forecast_methods.calculations import METHODS, work_out
from monitoring.forecast_methods.selectors.accuracy import (
    Accuracy,
    PastProposals,
    past_proposals,
)
from monitoring.forecast_methods.selectors.in_force import (
    ChosenMethods,
    chosen_methods,
    describe_in_force,
    method_labels,
    method_meanings,
)
from monitoring.forecast_methods.selectors.line_inputs import Place, read_draft_inputs
from monitoring.forecast_methods.selectors.proposals import Proposal, proposals
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_amounts import current_forecast
from monitoring.structure.models import BudgetLine, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Node, Tree

LINES_A_PAGE = 100
TOO_LITTLE = "too little history"


@dataclass(frozen=True)
class MethodTarget:
    """A line or a service whose method can be chosen on the page.

    `own` is the name of its own method ("": none), `in_force` the words of the one that counts.
    """

    field: str
    code: str
    name: str
    own: str
    in_force: str


@dataclass(frozen=True)
class LineRow:
    """A line of the page: amounts as printed, "–" where there is none."""

    target: MethodTarget
    line: BudgetLine
    proposal: str
    why: str
    forecast: str
    accuracy: tuple[str, ...]


@dataclass(frozen=True)
class ServiceRow:
    """A service under the group that the page is about."""

    target: MethodTarget
    level: int


@dataclass(frozen=True)
class ComparedMethod:
    """A method on the page of a service: the sum that it proposes, and how close it came.

    `missing` says for how many of the lines it proposes nothing; "" where it does for all.
    """

    label: str
    meaning: str
    proposal: str
    missing: str
    accuracy: tuple[str, ...]


@dataclass(frozen=True)
class MethodsPage:
    """What the page of a service (`lines`) or of a group (`services`) shows."""

    node: MethodTarget
    services: Sequence[ServiceRow] = ()
    lines: Sequence[LineRow] = ()
    compared: Sequence[ComparedMethod] = ()
    page: Page[BudgetLine] | None = None

    @property
    def targets(self) -> list[MethodTarget]:
        """Return everything on the page whose method can be chosen."""
        services = [row.target for row in self.services]
        return [self.node, *services, *(row.target for row in self.lines)]


def methods_page(
    period: Period, service: Service, *, with_exempt: bool, page: str | int = 1
) -> MethodsPage | None:
    """Return the page of an open service or group; None where it has closed.

    Without `with_exempt` exempt lines are left out, also of the sums.
    """
    tree = current_tree(period.year)
    if service.pk not in tree.open_ids:
        return None
    chosen = chosen_methods(period.year, tree)
    node = _build_service_target(chosen, service.pk)
    if service.pk in tree.parents:
        return MethodsPage(node, services=_services_under(chosen, service))
    lines = _lines_at(tree, service, with_exempt)
    shown = Paginator(lines, LINES_A_PAGE).get_page(page)
    found = _LinesOfService(period, chosen, dict(_codes_of(lines)))
    return MethodsPage(
        node,
        lines=[found.build_row(line) for line in shown],
        compared=found.compare_methods(),
        page=shown,
    )


def _services_under(chosen: ChosenMethods, service: Service) -> list[ServiceRow]:
    """Return the open services under a group, in the order of the tree."""
    nodes: list[Node] = [node for node in chosen.tree.nodes if node.kind != "closed"]
    under, top = {service.code}, next(node for node in nodes if node.key == service.code)
    rows = []
    for node in nodes:
        if node.parent_key in under:
            under.add(node.key)
            target = _build_service_target(chosen, node.service.id)
            rows.append(ServiceRow(target, node.level - top.level - 1))
    return rows


def _build_service_target(chosen: ChosenMethods, service: int) -> MethodTarget:
    row = chosen.tree.register[service]
    return MethodTarget(
        f"service-{service}",
        row.code,
        row.name,
        chosen.by_service.get(service, ""),
        describe_in_force(chosen, chosen.of_service(service), own=service),
    )


def _lines_at(tree: Tree, service: Service, with_exempt: bool) -> QuerySet[BudgetLine]:
    """Return the lines that belong to a service today, by code."""
    at = [pk for pk in tree.register if tree.home(pk) == service.pk]
    lines = BudgetLine.objects.filter(service__in=at).order_by("cost_centre", "account")
    return lines if with_exempt else lines.filter(exempt=False)


def _codes_of(lines: QuerySet[BudgetLine]) -> list[tuple[int, tuple[str, str]]]:
    rows = lines.values_list("pk", "cost_centre", "account")
    return [(pk, (centre, account)) for pk, centre, account in rows]


@dataclass(frozen=True)
class _LinesOfService:
    """The lines of a service with their proposals, forecasts and past, each read once."""

    period: Period
    chosen: ChosenMethods
    codes: Mapping[int, tuple[str, str]]

    @cached_property
    def past(self) -> PastProposals:
        return past_proposals(self.period, self.codes)

    @cached_property
    def proposed(self) -> dict[int, Proposal]:
        return proposals(self.period, list(self.codes))

    @cached_property
    def forecasts(self) -> dict[int, int | None]:
        rows = Position.objects.of_period(self.period).filter(line__in=list(self.codes))
        now = rows.annotate(now=current_forecast(self.period.pk))
        return dict(now.values_list("line_id", "now"))

    def build_row(self, line: BudgetLine) -> LineRow:
        """Return a line of the page."""
        found = self.chosen.of_line(line.pk, line.service_id)
        proposal = self.proposed.get(line.pk)
        own = self.chosen.by_line.get(line.pk, "")
        return LineRow(
            MethodTarget(
                f"line-{line.pk}",
                line.code,
                line.description,
                own,
                describe_in_force(self.chosen, found),
            ),
            line,
            _in_pounds(proposal.pence if proposal else None),
            proposal.why if proposal else "",
            _in_pounds(self.forecasts.get(line.pk)),
            describe_accuracy(self.past.accuracy_of(found.name, [line.pk])) if found else (),
        )

    def compare_methods(self) -> list[ComparedMethod]:
        """Return every method with the sum it would propose for the service's lines."""
        meanings, lines = method_meanings(), list(self.codes)
        worked = self._work_out_all()
        return [
            self._compare_method(name, label, meanings[name], worked[name], lines)
            for name, label in method_labels().items()
            if lines
        ]

    def _compare_method(
        self,
        name: str,
        label: str,
        meaning: str,
        worked: Mapping[int, WorkedForecast],
        lines: Sequence[int],
    ) -> ComparedMethod:
        found = [each.pence for each in worked.values() if each.pence is not None]
        return ComparedMethod(
            label,
            meaning,
            _in_pounds(sum(found) if found else None),
            _describe_missing(len(lines) - len(found), len(lines)),
            describe_accuracy(self.past.accuracy_of(name, lines)),
        )

    def _work_out_all(self) -> dict[str, Mapping[int, WorkedForecast]]:
        """Return the forecasts of every method for all lines, by method and line."""
        none: dict[str, Mapping[int, WorkedForecast]] = {name: {} for name in method_labels()}
        if self.period.batch_id is None:
            return none
        place = Place(self.period.year.start, self.period.number, self.period.batch_id)
        figures = read_draft_inputs(place, self.codes)
        inputs = {pk: figures.inputs(place, code) for pk, code in self.codes.items()}
        here = {pk: line for pk, line in inputs.items() if line is not None}
        own = {name: {pk: work_out(name, line) for pk, line in here.items()} for name in METHODS}
        apps = registry.forecast_methods().items()
        return {**own, **{name: entry.work_out(self.period, list(here)) for name, entry in apps}}


def _describe_missing(missing: int, lines: int) -> str:
    if missing == lines:
        return "for none of the lines"
    return f"without {missing:,} of {lines:,} lines" if missing else ""


def _in_pounds(pence: int | None) -> str:
    return "–" if pence is None else plain_pounds(pence)


def describe_accuracy(found: Collection[Accuracy]) -> tuple[str, ...]:
    """Return accuracies in sentences: `£220 too low (1 report, against the outturn)`."""
    return tuple(_describe_one(each) for each in found) or (TOO_LITTLE,)


def _describe_one(each: Accuracy) -> str:
    reports = "1 report" if each.count == 1 else f"{each.count} reports"
    size = plain_pounds(each.absolute)
    side = f"{plain_pounds(abs(each.signed))} too {'high' if each.signed > 0 else 'low'}"
    if not each.absolute:
        words = "no difference"
    elif each.count == 1:
        words = side
    elif each.absolute == abs(each.signed):
        words = f"{side} on average"
    elif not each.signed:
        words = f"{size} off on average, on balance neither too high nor too low"
    else:
        words = f"{size} off on average, on balance {side}"
    return f"{words} ({reports}, against {each.result})"
