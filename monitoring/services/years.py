"""Setting a financial year up."""

from django.db import transaction

from council_finance import audit
from council_finance.errors import Refused
from council_finance.periods import PERIODS
from monitoring.council_settings import SettingsError, read_settings
from monitoring.models import FinancialYear, Period
from monitoring.pipeline.figures import advance, lock_year, recompute_open_periods


@transaction.atomic
def set_up_year(*, start: int, council: str, settings: dict, by) -> FinancialYear:
    """Make the year with its periods, or bring its name and settings up to date. Raises Refused."""
    try:
        read_settings(settings)
    except SettingsError as error:
        raise Refused(str(error)) from error
    year = FinancialYear.objects.filter(start=start).first()
    if year is None:
        year = FinancialYear.objects.create(start=start, council=council, settings=settings)
        Period.objects.bulk_create(Period(year=year, number=number) for number in PERIODS)
        audit.record(by=by, action="set up", on=f"year {year.label}", council=council)
    elif (year.council, year.settings) != (council, settings):
        year = lock_year(year.pk)
        audit.record(
            by=by, action="changed settings", on=f"year {year.label}", before=year.settings
        )
        FinancialYear.objects.filter(pk=year.pk).update(council=council, settings=settings)
        advance(year)
        recompute_open_periods(year)
        year.refresh_from_db()
    return year
