"""The statuses that officers may declare of an indicator."""

from monitoring.structure.council_settings import CouncilSettings
from performance.indicators.settings_tables import (
    performance_scheme,
    performance_settings,
    statuses_to_declare,
)


def known_status(settings: CouncilSettings, text: str) -> str | None:
    """Return a status as the settings spell it, "" where none is given; None where unknown.

    The label that a status prints as is understood too.
    """
    if not text.strip():
        return ""
    scheme = performance_scheme(settings)
    words = {**{each.casefold(): each for each in scheme.statuses}}
    words |= {label.casefold(): status for status, label in (scheme.labels or {}).items()}
    words |= {each.casefold(): each for each in statuses_to_declare(settings)}
    return words.get(text.strip().casefold())


def statuses_in_order(settings: CouncilSettings) -> tuple[str, ...]:
    """Return every status in the order in which they print: of the rules, then declared ones."""
    declared = performance_settings(settings).declared
    return tuple(dict.fromkeys((*declared, *performance_scheme(settings).statuses)))
