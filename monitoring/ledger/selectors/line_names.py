"""How budget lines are named to readers, and where their pages are."""

from collections.abc import Iterable

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from monitoring.published.models import FormerDescription, Report
from monitoring.structure.models import BudgetLine, Period


def line_names(ids: Iterable[int]) -> dict[int, str]:
    """Lines as readers may see them named: an exempt one only by its service."""
    lines = BudgetLine.objects.filter(pk__in=[int(number) for number in ids])
    return {line.pk: public_line_name(line) for line in lines.select_related("service")}


def public_line_name(line: BudgetLine) -> str:
    """`C210/NET Home to school transport`; an exempt line is named by its service alone."""
    if line.exempt:
        return f"an exempt line of {line.service.name}"
    return f"{line.code} {line.description}".strip()


def descriptions_in(report: Report | None, lines: Iterable[BudgetLine]) -> dict[int, str]:
    """By line id, its description as the report was published with it; of a draft, today's."""
    found = {line.pk: line.description for line in lines}
    if report is not None:
        # The nearest one after the report is read last, and stays.
        former = _former(report).filter(line__in=list(found)).order_by("-last_report_id")
        found |= dict(former.values_list("line_id", "description"))
    return found


def with_description_then(lines: QuerySet[BudgetLine], report: Report) -> QuerySet[BudgetLine]:
    """The lines with `description_then`: their description as the report was published with it."""
    if not _former(report).filter(line__year=report.period.year_id).exists():
        return lines.annotate(description_then=F("description"))
    former = _former(report).filter(line=OuterRef("pk")).order_by("last_report_id")
    then = Coalesce(Subquery(former.values("description")[:1]), F("description"))
    return lines.annotate(description_then=then)


def _former(report: Report) -> QuerySet[FormerDescription]:
    """What was said of lines in this report and is said otherwise since."""
    return FormerDescription.objects.filter(last_report__gte=report.figures_published_in)


def lines_at(period: Period) -> str:
    """What stands before a line's id and a slash in the address of its page.

    A page of hundreds of lines works out one address instead of all.
    """
    return reverse("line", args=[period.year.start, period.number, 0]).removesuffix("0/")
