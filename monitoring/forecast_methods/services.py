"""Choose the methods by which lines and services are forecast, and carry them to a new year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.forecast_methods.models import ForecastMethod
from monitoring.forecast_methods.selectors.in_force import method_labels, services_above
from monitoring.structure.models import BudgetLine, FinancialYear, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Tree
from monitoring.structure.year_changes import change_year

_NAMED = 5
NO_METHOD = "none of its own"


@dataclass(frozen=True)
class MethodChange:
    """A method that someone chose for a line or for a service (ids; one of them is None).

    `seen` is the method that the page showed them, `method` the one that they chose; "" is none of
    its own.
    """

    line: int | None
    service: int | None
    seen: str
    method: str


_Key = tuple[int | None, int | None]
"""A line or a service, by id."""


def choose_methods(
    *, node: Service, changes: Sequence[MethodChange], by: User | None, with_exempt: bool = True
) -> int:
    """Store the methods chosen for a service or group, and for lines and services under it.

    All or nothing; return how many changed. Figures do not change: a method only proposes. Without
    `with_exempt` exempt lines cannot be changed. Raise `Refused` where something chosen is not
    under the node, a method is unknown, somebody else has changed one meanwhile, or the year is
    archived.
    """
    wanted = [each for each in changes if each.method != each.seen]
    with change_year(node.year_id, affects_figures=False) as change:
        names = _name_targets(node, wanted, with_exempt)
        stored = {(row.line_id, row.service_id): row for row in _stored_methods(change.year)}
        _refuse_changed_meanwhile(wanted, stored, names)
        wanted = [each for each in wanted if each.method != _method_of(stored, each)]
        change.is_needed = bool(wanted)
        for each in wanted:
            _store_method(change.year, stored.get(_key_of(each)), each, by)
        if wanted:
            _record_changes(node, wanted, names, by)
    return len(wanted)


def _key_of(change: MethodChange) -> _Key:
    return change.line, change.service


def _stored_methods(year: FinancialYear) -> Sequence[ForecastMethod]:
    return list(ForecastMethod.objects.filter(year=year).select_related("by"))


def _method_of(stored: Mapping[_Key, ForecastMethod], change: MethodChange) -> str:
    """Return the stored method; "" where there is none, or no app offers it any more."""
    row = stored.get(_key_of(change))
    return row.method if row and row.method in method_labels() else ""


def _name_targets(
    node: Service, changes: Sequence[MethodChange], with_exempt: bool
) -> dict[_Key, str]:
    """Return the code of each line and service to be changed. Raise `Refused` as choose_methods."""
    tree = current_tree(node.year)
    lines = BudgetLine.objects.filter(year=node.year_id).in_bulk(
        [each.line for each in changes if each.line is not None]
    )
    names: dict[_Key, str] = {}
    for each in changes:
        if each.method and each.method not in method_labels():
            raise Refused("There is no such forecast method. Choose one from the list.")
        if each.line is None and each.service is not None and each.service in tree.open_ids:
            service, name = each.service, tree.register[each.service].code
        elif each.line in lines and (with_exempt or not lines[each.line].exempt):
            service, name = lines[each.line].service_id, lines[each.line].code
        else:
            service, name = 0, ""
        if not name or not _is_under(tree, service, node.pk):
            raise Refused(
                f"Some of what you chose no longer belongs to {node.name}, so nothing was stored. "
                "Look at its lines again."
            )
        names[_key_of(each)] = name
    return names


def _is_under(tree: Tree, service: int, node: int) -> bool:
    return node in services_above(tree, service)


def _refuse_changed_meanwhile(
    changes: Sequence[MethodChange],
    stored: Mapping[_Key, ForecastMethod],
    names: Mapping[_Key, str],
) -> None:
    """Raise `Refused` where a stored method is neither the one shown nor the one chosen."""
    clashes = []
    for each in changes:
        now = _method_of(stored, each)
        if now not in (each.seen, each.method):
            row = stored.get(_key_of(each))
            who = row.by.name if row and row.by else "Somebody"
            clashes.append(f"{who} chose “{_label_of(now)}” for {names[_key_of(each)]} meanwhile.")
    if clashes:
        more = len(clashes) - _NAMED
        others = [f"So it is for {more} more."] if more > 0 else []
        raise Refused("Nothing was stored.", *clashes[:_NAMED], *others)


def _label_of(method: str) -> str:
    return method_labels().get(method, NO_METHOD)


def _store_method(
    year: FinancialYear, row: ForecastMethod | None, change: MethodChange, by: User | None
) -> None:
    if not change.method:
        if row is not None:
            row.delete()
        return
    row = row or ForecastMethod(year=year, line_id=change.line, service_id=change.service)
    row.method, row.by = change.method, by
    row.save()


def _record_changes(
    node: Service, changes: Sequence[MethodChange], names: Mapping[_Key, str], by: User | None
) -> None:
    """Put one entry on the audit trail, with each line and service, from and to."""
    audit.record(
        by=by,
        action="chose forecast methods",
        on=f"forecast methods {node.year.label} {node.code}",
        methods={
            names[_key_of(each)]: {"from": _label_of(each.seen), "to": _label_of(each.method)}
            for each in changes
        },
    )


def carry_methods(*, year: FinancialYear, following: FinancialYear, by: User | None) -> int:
    """Give the next year the methods of this one's services and lines that it has; return how many.

    Call it inside the transaction that makes the year, once its services and lines are stored.
    """
    services = dict(Service.objects.filter(year=following).values_list("code", "pk"))
    lines = {
        (centre, account): pk
        for centre, account, pk in BudgetLine.objects.filter(year=following).values_list(
            "cost_centre", "account", "pk"
        )
    }
    carried = []
    for row in ForecastMethod.objects.filter(year=year).select_related("line", "service"):
        line = lines.get((row.line.cost_centre, row.line.account)) if row.line else None
        service = services.get(row.service.code) if row.service else None
        if line is not None or service is not None:
            carried.append(
                ForecastMethod(
                    year=following, line_id=line, service_id=service, method=row.method, by=by
                )
            )
    ForecastMethod.objects.bulk_create(carried, batch_size=1000)
    return len(carried)
