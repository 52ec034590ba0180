"""The figures that follow a change of a year."""

from council_finance import registry
from monitoring.figures.pipeline import recompute_open_periods

registry.follows_change("figures")(recompute_open_periods)
