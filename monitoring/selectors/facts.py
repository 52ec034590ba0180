"""Everything a report's statements are made of, draft or published, in one shape.

`frozen` is plain data: of a draft it is read from the live tables, of a published report it is
what publishing froze. So a statement cannot tell the one from the other.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils import timezone

from council_finance import registry
from council_finance.periods import as_at, financial_year_label
from council_finance.statements import Display, Header
from monitoring.council_settings import CouncilSettings, read_settings
from monitoring.models import BudgetLine, Commentary, NodeFigure, Period, Position, Report, Virement
from monitoring.selectors.forecasts import typed_forecasts
from monitoring.selectors.inputs import current_tree
from monitoring.selectors.line_names import public_line_name
from monitoring.trees import Tree

_NODE_FIELDS = (
    "key",
    "parent_key",
    "level",
    "kind",
    "label",
    "total_label",
    "section",
    "lines",
    "lines_without_forecast",
    "lines_carried",
    "explanation",
)
_PENCE_FIELDS = (
    "budget_without_forecast",
    "original_budget",
    "budget",
    "actual_to_date",
    "forecast",
    "gross_variance",
    "use_of_reserves",
    "use_of_capital_receipts",
    "net_variance",
    "previous_as_published",
    "previous_net_variance",
    "movement",
    "movement_as_published",
)


@dataclass(frozen=True)
class ReportFacts:
    """What statements, checks and pages read of one version of a period's report.

    `nodes` are the rows of the read model in the order of the tree, amounts in pence without the
    suffix; `virements` the register's legs up to the period; `contingency` its budget lines.
    """

    period: Period
    report: Report | None
    version: int
    status: str
    frozen: dict
    _parts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def header(self) -> Header:
        """What stands above each statement."""
        start, number = self.period.year.start, self.period.number
        return Header(
            council=self.frozen["council"],
            financial_year=financial_year_label(start),
            period=number,
            status=self.status,
            version=self.version,
            as_at=as_at(start, number),
        )

    @cached_property
    def settings(self) -> CouncilSettings:
        """The council's settings as they were or are."""
        return read_settings(self.frozen["settings"])

    def display(self, statement: str) -> Display:
        """How that statement prints."""
        return self.settings.display_for(statement)

    @property
    def nodes(self) -> list[dict]:
        """Rows of the read model."""
        return self.frozen["nodes"]

    @cached_property
    def children(self) -> dict[str, list[dict]]:
        """Rows by the key of the row above; the top stands under ""."""
        found: dict[str, list[dict]] = {}
        for node in self.nodes:
            found.setdefault(node["parent_key"], []).append(node)
        return found

    @property
    def version_text(self) -> str:
        """The version as templates put it into a sentence."""
        return str(self.version)

    @property
    def top(self) -> dict:
        """The council's row."""
        return self.nodes[0]

    @property
    def leaves(self) -> list[dict]:
        """Services without others under them, and stray rows."""
        return [node for node in self.nodes if node["kind"] != "node"]

    @property
    def virements(self) -> list[dict]:
        """Legs of the register, approved and pending, of the period or before."""
        return self.frozen["virements"]

    @property
    def approved_virements(self) -> list[dict]:
        """The legs that have effect."""
        return [leg for leg in self.virements if leg["approved_on"]]

    @property
    def contingency(self) -> list[dict]:
        """The contingency's budget lines, in pence."""
        return self.frozen["contingency"]

    @property
    def commentary(self) -> dict[str, str]:
        """Texts by service code."""
        return self.frozen["commentary"]

    @property
    def sign_offs(self) -> dict[str, dict[str, str]]:
        """Who signed commentary off, by service code: `by` (name) and `at` (ISO date).

        Reports frozen before sign-offs were have none.
        """
        return self.frozen.get("sign_offs", {})

    @property
    def exempt_lines(self) -> list[int]:
        """Ids of the lines that were exempt; reports frozen before they were kept have none."""
        return self.frozen.get("exempt_lines", [])

    @property
    def previous_sections(self) -> dict[str, int]:
        """What each section of the previous report published, in pence."""
        return self.frozen["previous_sections"]

    def part(self, name: str) -> Any:
        """What another app knows of the period; None in a report published before it had any.

        Of a draft it is read when it is first asked for: most pages ask for none.
        """
        if self.report is not None:
            return self.frozen.get("parts", {}).get(name)
        if name not in self._parts:
            self._parts[name] = registry.parts()[name](self.period)
        return self._parts[name]

    def with_part(self, name: str, part: Any) -> "ReportFacts":
        """The same report with another app's part given instead of read."""
        if self.report is not None:
            given = self.frozen | {"parts": self.frozen.get("parts", {}) | {name: part}}
            return replace(self, frozen=given)
        return replace(self, _parts=self._parts | {name: part})

    @property
    def to_freeze(self) -> dict:
        """What publishing keeps: everything, with the part of every app."""
        return self.frozen | {"parts": {name: self.part(name) for name in registry.parts()}}

    @property
    def compared_with(self) -> dict | None:
        """Period and version of the previous report; None for the first of a year."""
        return self.frozen["compared_with"]


def draft_facts(period: Period, *, status: str = "draft") -> ReportFacts:
    """The facts of an open period as they stand. Its figures have been worked out."""
    return ReportFacts(
        period=period,
        report=None,
        version=_version_to_come(period),
        status=status,
        frozen=_live(period),
    )


def outline_facts(period: Period, *, version: int | None = None) -> ReportFacts:
    """The figures and commentary of an open period alone, for pages about the month's work.

    Without virements, contingency and sections: no line is looked at, however many there are.
    `version` is the one to come, where that is known.
    """
    return ReportFacts(
        period=period,
        report=None,
        version=_version_to_come(period) if version is None else version,
        status="draft",
        frozen=_outline(period),
    )


def _version_to_come(period: Period) -> int:
    versions = Report.objects.filter(period=period).order_by("-version")
    return (versions.values_list("version", flat=True).first() or 0) + 1


def report_facts(report: Report) -> ReportFacts:
    """The facts of a published report, as they were frozen."""
    return ReportFacts(report.period, report, report.version, "published", report.frozen)


def _live(period: Period) -> dict:
    outline = _outline(period)
    strays = {node["service"] for node in outline["nodes"] if node["kind"] == "closed"}
    tree = current_tree(period.year).with_strays(strays)
    exempt = BudgetLine.objects.filter(year=period.year, exempt=True)
    return outline | {
        "virements": _virements(period, tree),
        "contingency": _contingency(period),
        "previous_sections": _sections(period.compared_with),
        "exempt_lines": sorted(exempt.order_by().values_list("pk", flat=True)),
    }


def _outline(period: Period) -> dict:
    year, compared = period.year, period.compared_with
    commentary = Commentary.objects.filter(period=period).select_related("service", "signed_by")
    return {
        "council": year.council,
        "settings": year.settings,
        "nodes": [
            _node(figure) for figure in NodeFigure.objects.filter(period=period).order_by("place")
        ],
        "commentary": {each.service.code: each.text for each in commentary},
        "sign_offs": {
            each.service.code: {
                "by": each.signed_by.name,
                "at": timezone.localdate(each.signed_at).isoformat(),
            }
            for each in commentary
            if each.signed_by is not None
        },
        "compared_with": None
        if compared is None
        else {"period": compared.period.number, "version": compared.version},
    }


def _sections(report: Report | None) -> dict[str, int]:
    """Net variances of a frozen report by section."""
    sums: dict[str, int] = {}
    for node in report.frozen["nodes"] if report else ():
        if node["section"] and node["net_variance"] is not None:
            sums[node["section"]] = sums.get(node["section"], 0) + node["net_variance"]
    return sums


def _node(figure: NodeFigure) -> dict:
    data = {name: getattr(figure, name) for name in _NODE_FIELDS}
    data |= {name: getattr(figure, f"{name}_pence") for name in _PENCE_FIELDS}
    return data | {"service": figure.service_id}


def _virements(period: Period, tree: Tree) -> list[dict]:
    legs = Virement.objects.filter(
        year=period.year, period__lte=period.number, declined_on__isnull=True
    )
    legs = legs.select_related("from_line__service", "to_line__service")
    ordered = sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg))
    return [
        {
            "id": leg.pk,
            "reference": leg.reference,
            "leg": leg.leg,
            "period": leg.period,
            "from": _end(leg.from_line, tree),
            "to": _end(leg.to_line, tree),
            "amount": leg.amount_pence,
            "forecast_amount": leg.forecast_amount_pence,
            "kind": leg.kind,
            "approved_by": leg.approved_by,
            "approved_on": leg.approved_on.isoformat() if leg.approved_on else "",
            "reverses": leg.reverses,
            "reason": leg.reason,
        }
        for leg in ordered
    ]


def _end(line: BudgetLine | None, tree: Tree) -> dict | None:
    """A leg's end: the line, how readers may see it named, and the row where it stands today."""
    if line is None:
        return None
    return {
        "line": line.pk,
        "code": line.code,
        "name": public_line_name(line),
        "key": tree.home_keys[line.service_id],
    }


def _contingency(period: Period) -> list[dict]:
    codes = read_settings(period.year.settings).contingency_lines
    centres = [code.split("/")[0] for code in codes]
    positions = Position.objects.filter(batch=period.batch, line__cost_centre__in=centres)
    positions = positions.select_related("line").order_by("line__pk")
    ids = [position.line_id for position in positions]
    typed = typed_forecasts(period.pk, lines=ids).set_index("line")["forecast"].to_dict()
    return [
        {
            "line": position.line_id,
            "code": position.line.code,
            "original_budget": position.original_budget_pence,
            "budget": position.current_budget_pence,
            "forecast": typed.get(position.line_id, position.forecast_pence),
            "planned_use": position.planned_use_of_reserves_pence
            + position.planned_use_of_capital_receipts_pence,
        }
        for position in positions
        if position.line.code in codes
    ]
