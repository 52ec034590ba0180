"""The thresholds of the warning signs about reserves, as code reads them."""

from dataclasses import dataclass

from monitoring.structure.council_settings import CouncilSettings

NAME = "warning-signs-reserves"


@dataclass(frozen=True)
class ReserveSigns:
    """The thresholds of the signs; the defaults hold where none is set."""

    reserves_falling_years: int = 3
    dsg_balances: tuple[str, ...] = ()
    dsg_percent_of_general_fund: int = 50


def reserve_signs(settings: CouncilSettings) -> ReserveSigns:
    """Return the thresholds of a council's year."""
    found: ReserveSigns = settings.of_apps[NAME]
    return found
