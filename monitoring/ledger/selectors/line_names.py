"""The names of budget lines for readers, and the addresses of their pages."""

from collections.abc import Iterable
from typing import Protocol

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from council_finance.one_reading import TableOfYears
from monitoring.published.models import FormerDescription, Report
from monitoring.structure.models import BudgetLine, Period

_FORMER = TableOfYears(FormerDescription, "last_report__period__year")


def line_names(ids: Iterable[int]) -> dict[int, str]:
    """Return each line's public name by its id; an exempt line is named only by its service."""
    lines = BudgetLine.objects.filter(pk__in=[int(number) for number in ids])
    return {line.pk: public_line_name(line) for line in lines.select_related("service")}


def public_line_name(line: BudgetLine) -> str:
    """Return a name such as `C210/NET Home to school transport`.

    An exempt line is named by its service alone.
    """
    if line.exempt:
        return f"an exempt line of {line.service.name}"
    return f"{line.code} {line.description}".strip()


class DescribedLine(Protocol):
    """A budget line, or a row of one."""

    @property
    def pk(self) -> int:
        """The line's id."""

    @property
    def description(self) -> str:
        """The line's description today."""


def descriptions_in(report: Report | None, lines: Iterable[DescribedLine]) -> dict[int, str]:
    """Return each line's description by its id, as published; for a draft (None), today's."""
    found = {line.pk: line.description for line in lines}
    if report is not None and not _FORMER.is_known_empty(report.period.year):
        # Read in falling order, so that the first change after the report overwrites later ones.
        former = (
            _changed_descriptions(report).filter(line__in=list(found)).order_by("-last_report_id")
        )
        found |= dict(former.values_list("line_id", "description"))
    return found


def with_description_then(lines: QuerySet[BudgetLine], report: Report) -> QuerySet[BudgetLine]:
    """Add `description_then` to the lines: their description when the report was published."""
    if not _changed_descriptions(report).filter(line__year=report.period.year_id).exists():
        return lines.annotate(description_then=F("description"))
    former = _changed_descriptions(report).filter(line=OuterRef("pk")).order_by("last_report_id")
    then = Coalesce(Subquery(former.values("description")[:1]), F("description"))
    return lines.annotate(description_then=then)


def _changed_descriptions(report: Report) -> QuerySet[FormerDescription]:
    """Return the descriptions in this report that have been changed since."""
    return FormerDescription.objects.filter(last_report__gte=report.figures_published_in)


def lines_at(period: Period) -> str:
    """Return the address of the period's line pages, to which a line's id and "/" are added.

    A page of hundreds of lines then resolves one address instead of hundreds.
    """
    return reverse("line", args=[period.year.start, period.number, 0]).removesuffix("0/")
