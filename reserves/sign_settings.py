"""The thresholds of the warning signs about reserves, as code reads them."""

from typing import NamedTuple

from monitoring.structure.council_settings import CouncilSettings

NAME = "warning-signs-reserves"


class ReserveSigns(NamedTuple):
    """The thresholds of the signs; the defaults hold where none is set."""

    reserves_falling_years: int = 3
    dsg_balances: tuple[str, ...] = ()
    dsg_percent_of_general_fund: int = 50


def reserve_signs(settings: CouncilSettings) -> ReserveSigns:
    """Return the thresholds of a council's year."""
    found: ReserveSigns = settings.of_apps[NAME]
    return found
