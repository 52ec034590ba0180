"""The grants of a year for other apps, whose files name them."""

from collections.abc import Mapping

from council_finance import registry
from monitoring.models import FinancialYear
from reserves.grants.models import Grant


@registry.references("grant")
def grant_references(year: FinancialYear) -> Mapping[str, str]:
    """Return each grant of a year by its reference; a grant has no status."""
    references = Grant.objects.filter(year=year).values_list("reference", flat=True)
    return dict.fromkeys(references, "")
