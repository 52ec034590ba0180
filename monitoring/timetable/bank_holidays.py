"""The bank holidays of England, from the package `holidays`, which works without a network. Pure.

Substitute days for holidays at a weekend and one-off holidays, such as a coronation, are among
them. A holiday that is announced later comes with a new version of the package; until then a
council enters it as a closed day of its own. The package knows the years up to 2100.
"""

import datetime
from functools import cache


@cache
def england_bank_holidays(year: int) -> dict[datetime.date, str]:
    """Return the names of England's bank holidays of a calendar year by their dates."""
    from holidays import country_holidays  # noqa: PLC0415 (few need them, and it takes its time)

    return dict(sorted(country_holidays("GB", subdiv="ENG", years=year).items()))
