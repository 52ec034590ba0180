"""The bank holidays of England, from the package `holidays`, which works without a network. Pure.

Substitute days for holidays at a weekend and one-off holidays, such as a coronation, are among
them. A holiday that is announced later comes with a new version of the package; until then a
council enters it as a closed day of its own. The package knows the years up to 2100.
"""

import datetime
from functools import cache

from holidays import country_holidays


@cache
def england_bank_holidays(year: int) -> dict[datetime.date, str]:
    """Return the names of England's bank holidays of a calendar year by their dates."""
    return dict(sorted(country_holidays("GB", subdiv="ENG", years=year).items()))
