"""The virements that name a decision as their authority, for the page of the decision."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from council_finance import registry
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear
from monitoring.virements.models import Virement

_NOUN = "Virement"


@registry.authorised_moves("virements")
def virements_under(
    year: FinancialYear, report: ReportData | None, reference: str
) -> Iterator[registry.AuthorisedMove]:
    """Yield the virements that name a decision: those of a report, or all of the register."""
    if report is not None:
        legs = [each for each in report.approved_virements if each.decision_reference == reference]
        for name in dict.fromkeys(each.reference for each in legs):
            own = [each for each in legs if each.reference == name]
            amount = sum(each.amount for each in own)
            yield registry.AuthorisedMove(_NOUN, name, own[0].reason, amount, "Approved")
        return
    stored = Virement.objects.filter(year=year, decision_reference=reference).order_by(
        "period", "reference", "leg"
    )
    by_reference: dict[str, list[Virement]] = {}
    for leg in stored:
        by_reference.setdefault(leg.reference, []).append(leg)
    for name, rows in by_reference.items():
        amount = sum(each.amount_pence for each in rows)
        url = reverse("virement", args=[year.start, name])
        yield registry.AuthorisedMove(_NOUN, name, rows[0].reason, amount, _state_of(rows), url)


def _state_of(rows: Sequence[Virement]) -> str:
    if rows[0].declined_on is not None:
        return "Declined"
    return "Pending" if rows[0].approved_on is None else "Approved"
