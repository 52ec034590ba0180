"""The services, decisions and categories to choose from on forms about savings."""

from collections.abc import Container

from monitoring.models import FinancialYear, Service
from monitoring.structure.selectors.tree import open_service_choices
from savings.models import Saving

CATEGORIES = ("Efficiency", "Service reduction", "Income")


def service_choices(
    year: FinancialYear, within: Container[int], besides: Service | None = None
) -> list[tuple[str, str]]:
    """Return code and name of the open services (ids `within`) in tree order, indented.

    `besides` is offered too, open or not: a saving may stay at its service.
    """
    found = open_service_choices(year, within)
    if besides is not None and besides.code not in dict(found):
        found.append((besides.code, f"{besides.name} ({besides.code})"))
    return found


def decisions(year: FinancialYear) -> list[str]:
    """Return the decisions of the year's register in its order."""
    rows = Saving.objects.filter(year=year).exclude(decision="").order_by("order", "pk")
    return list(dict.fromkeys(rows.values_list("decision", flat=True)))
