"""What the forms about savings offer to choose from."""

from collections.abc import Container

from monitoring.models import FinancialYear, Service
from monitoring.models.structure import UNALLOCATED
from monitoring.selectors.inputs import current_tree
from savings.models import Saving

CATEGORIES = ("Efficiency", "Service reduction", "Income")
_INDENT = "\N{EM SPACE}"


def service_choices(
    year: FinancialYear, within: Container[int], besides: Service | None = None
) -> list[tuple[str, str]]:
    """Code and name of the open services that a person keeps, as they stand in the tree.

    `besides` is offered too, open or not: a saving may stay where it is.
    """
    nodes = [
        node
        for node in current_tree(year).nodes
        if node.service.id in within and node.service.code != UNALLOCATED
    ]
    found = [
        (node.key, f"{_INDENT * node.level}{node.service.name} ({node.key})") for node in nodes
    ]
    if besides is not None and besides.code not in dict(found):
        found.append((besides.code, f"{besides.name} ({besides.code})"))
    return found


def decisions(year: FinancialYear) -> list[str]:
    """The decisions of the year's register, in its order."""
    rows = Saving.objects.filter(year=year).exclude(decision="").order_by("order", "pk")
    return list(dict.fromkeys(rows.values_list("decision", flat=True)))
