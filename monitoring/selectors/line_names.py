"""How budget lines are named to readers, and where their pages are."""

from collections.abc import Iterable

from django.urls import reverse

from monitoring.models import BudgetLine, Period


def line_names(ids: Iterable[int]) -> dict[int, str]:
    """Lines as readers may see them named: an exempt one only by its service."""
    lines = BudgetLine.objects.filter(pk__in=[int(number) for number in ids])
    return {line.pk: public_line_name(line) for line in lines.select_related("service")}


def public_line_name(line: BudgetLine) -> str:
    """`C210/NET Home to school transport`; an exempt line is named by its service alone."""
    if line.exempt:
        return f"an exempt line of {line.service.name}"
    return f"{line.code} {line.description}".strip()


def lines_at(period: Period) -> str:
    """What stands before a line's id and a slash in the address of its page.

    A page of hundreds of lines works out one address instead of all.
    """
    return reverse("line", args=[period.year.start, period.number, 0]).removesuffix("0/")
