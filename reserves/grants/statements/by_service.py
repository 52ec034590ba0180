"""Revenue grants by directorate (Cambridgeshire, appendix 3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.grants.calculations import add_given
from reserves.grants.report_rows import REVENUE, GrantRow, ShareRow
from reserves.grants.report_section import section_of
from reserves.grants.statements.register import NAME as GRANTS

NAME = "grants-by-service"
TITLE = "Grants by service"
AMOUNTS = ("expected", "applied", "carried_forward")


@registry.statement(NAME, title=TITLE, after=GRANTS)
def grants_by_service(facts: ReportData) -> Statement:
    """Return a row for each directorate, then each grant that is no service's, and the total."""
    display = facts.display(NAME)
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("expected", "Grants expected", unit),
                Column("applied", "Applied", unit),
                Column("carried_forward", "Carried forward", unit),
            ),
            rows=tuple(_build_rows(facts, display)),
            footnotes=tuple(_write_notes(facts)),
        )
    )


@dataclass
class _Amounts:
    """The parts of grants that add up to a row, by column."""

    label: str
    parts: dict[str, list[int | None]] = field(default_factory=lambda: {n: [] for n in AMOUNTS})

    def add(self, amounts: Mapping[str, int | None]) -> None:
        """Add what a share of a grant comes to."""
        for name, pence in amounts.items():
            self.parts[name].append(pence)

    def cells(self, display: Display) -> dict[str, Cell]:
        """Return the sums as cells."""
        return {
            name: Cell.of_amount(add_given(parts), display) for name, parts in self.parts.items()
        }


def _build_rows(facts: ReportData, display: Display) -> Iterator[Row]:
    services, others = _add_up_shares(facts)
    if not services and not others:
        return
    in_order = [node.key for node in facts.nodes if node.key in services]
    in_order += [key for key in services if key not in in_order]
    for key in in_order:
        yield Row(key, services[key].label, "service", services[key].cells(display))
    total = _Amounts("Total")
    for each in (*services.values(), *others.values()):
        for name in AMOUNTS:
            total.parts[name] += each.parts[name]
    if services and others:
        inner = _Amounts("")
        for each in services.values():
            for name in AMOUNTS:
                inner.parts[name] += each.parts[name]
        cells = inner.cells(display)
        yield Row("total:services", "Total of services", "subtotal", cells, sum_of=tuple(in_order))
    for key, each in others.items():
        yield Row(key, each.label, "line", each.cells(display))
    parts = (*(["total:services"] if services and others else in_order), *others)
    yield Row("total", "Total", "total", total.cells(display), sum_of=parts)


def _add_up_shares(facts: ReportData) -> tuple[dict[str, _Amounts], dict[str, _Amounts]]:
    """Return the amounts by the key of a service's row, and by the reference of other grants."""
    directorates = _find_directorates(facts)
    services: dict[str, _Amounts] = {}
    others: dict[str, _Amounts] = {}
    for grant in section_of(facts).of_kind(REVENUE):
        divided = {name: grant.divided(getattr(grant, name)) for name in AMOUNTS}
        for place, share in enumerate(grant.shares):
            row = _find_row(share, grant, directorates, services, others)
            row.add({name: divided[name][place] for name in AMOUNTS})
    return services, others


def _find_row(
    share: ShareRow,
    grant: GrantRow,
    directorates: Mapping[str, ReportRow],
    services: dict[str, _Amounts],
    others: dict[str, _Amounts],
) -> _Amounts:
    if not share.service:
        return others.setdefault(f"grant:{grant.reference}", _Amounts(grant.name))
    node = directorates.get(share.service)
    key, label = (node.key, node.label) if node else (share.service, share.service_name)
    return services.setdefault(key, _Amounts(label))


def _find_directorates(facts: ReportData) -> dict[str, ReportRow]:
    """Return by key the row with which each row of the tree is added up.

    It is the nearest with a total label, itself or above, below the council's row; without one,
    the row under the council's that holds it.
    """
    by_key = {node.key: node for node in facts.nodes}
    found = {}
    for node in facts.nodes:
        path = [node]
        while path[-1].parent_key in by_key:
            path.append(by_key[path[-1].parent_key])
        below = path[:-1] or path
        found[node.key] = next((each for each in below if each.total_label), below[-1])
    return found


def _write_notes(facts: ReportData) -> Iterator[Footnote]:
    grants = section_of(facts).of_kind(REVENUE)
    if not grants:
        yield Footnote("", "No revenue grants have been brought in.")
        return
    yield Footnote("", "Revenue grants only.")
    shared = [g for g in grants if len(g.shares) > 1 and g.reported]
    if any(grant.applied is not None or grant.carried_forward is not None for grant in shared):
        yield Footnote(
            "",
            "What was applied and is carried forward of a grant that several services share is "
            "divided as its expected amounts are.",
        )
