"""The forecast method in force for each line: its own, its service's, or the council's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from council_finance import registry
from council_finance.one_reading import TableOfYears
from monitoring.forecast_methods.calculations import METHODS
from monitoring.forecast_methods.models import ForecastMethod
from monitoring.forecast_methods.settings_tables import default_method
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Tree

_METHODS = TableOfYears(ForecastMethod)


@dataclass(frozen=True, slots=True)
class MethodInForce:
    """A line's method, and the service whose it is (id).

    `service` is None for the line's own method, and for the council's (`is_default`).
    """

    name: str
    service: int | None = None
    is_default: bool = False


@dataclass(frozen=True)
class ChosenMethods:
    """The methods chosen in a year: by line, by service (ids), and the council's own ("": none)."""

    by_line: Mapping[int, str]
    by_service: Mapping[int, str]
    default: str
    tree: Tree

    @property
    def are_none(self) -> bool:
        """Return whether no line has a method."""
        return not (self.by_line or self.by_service or self.default)

    def of_line(self, line: int, service: int) -> MethodInForce | None:
        """Return the method of a line that the ledger places under a service; None without one."""
        if line in self.by_line:
            return MethodInForce(self.by_line[line])
        return self.of_service(service)

    def of_service(self, service: int) -> MethodInForce | None:
        """Return the method of a service's lines: its own, or the nearest above it."""
        for each in services_above(self.tree, service):
            if each in self.by_service:
                return MethodInForce(self.by_service[each], each)
        return MethodInForce(self.default, is_default=True) if self.default else None


def services_above(tree: Tree, service: int) -> Iterator[int]:
    """Yield the open service to which a service's lines belong today, and those above it."""
    walker: int | None = tree.home(service)
    while walker is not None:
        yield walker
        walker = tree.register[walker].parent


def chosen_methods(year: FinancialYear, tree: Tree | None = None) -> ChosenMethods:
    """Return the methods chosen in a year; one that no app offers any more is left out.

    Without a tree today's is read, where any method was chosen.
    """
    rows: list[ForecastMethod] = []
    if not _METHODS.is_known_empty(year):
        rows += ForecastMethod.objects.filter(year=year, method__in=list(method_labels()))
    default = default_method(read_settings(year.settings))
    if tree is None:
        tree = current_tree(year) if rows or default else Tree.of([], set())
    return ChosenMethods(
        {row.line_id: row.method for row in rows if row.line_id is not None},
        {row.service_id: row.method for row in rows if row.service_id is not None},
        default,
        tree,
    )


def method_labels() -> dict[str, str]:
    """Return the names on pages of all methods, the product's own first."""
    own = {name: method.label for name, method in METHODS.items()}
    return own | {name: entry.label for name, entry in registry.forecast_methods().items()}


def method_meanings() -> dict[str, str]:
    """Return what each method does, in a sentence."""
    own = {name: method.meaning for name, method in METHODS.items()}
    return own | {name: entry.meaning for name, entry in registry.forecast_methods().items()}


def describe_in_force(
    chosen: ChosenMethods, found: MethodInForce | None, *, own: int | None = None
) -> str:
    """Return the method that counts, and whose it is: `Run rate, from Care`.

    `own` is the service itself, whose own method needs no more words.
    """
    if found is None:
        return "No method"
    label = method_labels()[found.name]
    if found.is_default:
        return f"{label}, the council’s"
    if found.service is None or found.service == own:
        return label
    return f"{label}, from {chosen.tree.register[found.service].name}"
