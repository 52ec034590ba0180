"""The settings of a financial year, checked once a page."""

from council_finance.one_reading import once_a_reading
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.models import FinancialYear


@once_a_reading
def settings_of(year: FinancialYear) -> CouncilSettings:
    """Return a year's settings of today. Raise `SettingsError` where they cannot be used."""
    return read_settings(year.settings)
