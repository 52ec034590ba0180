"""The settings of activity: groups that must agree with their service, and statuses of lines."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    Measure,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)
from council_finance.statuses import Rule, SchemeError, parse_rules
from monitoring.structure.council_settings import CouncilSettings

TIES_NAME, _STATUSES = "activity-ties", "activity-statuses"
MEASURES = (
    Measure("variance", "the variance"),
    Measure("variance_percent", "the variance", is_percent=True, of=" of the annual budget"),
    Measure(
        "volume_percent",
        "the volume above the budgeted one",
        is_percent=True,
        of=" of the budgeted volume",
    ),
    Measure(
        "unit_cost_percent",
        "the unit cost above the budgeted one",
        is_percent=True,
        of=" of the budgeted unit cost",
    ),
)


def groups_that_tie(settings: CouncilSettings) -> tuple[str, ...]:
    """Return the codes of the groups whose figures must agree with those of their service."""
    ties: tuple[str, ...] = settings.of_apps[TIES_NAME]
    return ties


def activity_rules(settings: CouncilSettings) -> tuple[Rule, ...]:
    """Return the council's rules for the status of a line of activity, in order."""
    rules: tuple[Rule, ...] = settings.of_apps[_STATUSES]
    return rules


def _read_ties(table: Mapping[str, object]) -> tuple[str, ...]:
    ties = table.get("ties", [])
    if not isinstance(ties, list) or not all(isinstance(code, str) for code in ties):
        raise SettingsError('[activity]: ties must be a list of groups, such as ["LAC-EXT"].')
    return tuple(dict.fromkeys(ties))


def _read_statuses(table: Mapping[str, object]) -> tuple[Rule, ...]:
    where = "[[status_scheme.activity]]"
    try:
        rules = parse_rules(
            table.get("activity", []), (measure.name for measure in MEASURES), where
        )
    except SchemeError as error:
        raise SettingsError(str(error)) from error
    if any(rule.level for rule in rules):
        raise SettingsError(f"{where}: a line of activity has no level.")
    return rules


register_settings_table(
    SettingsTable(
        name=TIES_NAME,
        title="Activity that must agree with the ledger",
        table="activity",
        fields=(
            SettingsField(
                "ties",
                "Groups",
                "Codes of groups of activity, one to a line. A difference between such a group "
                "and its service is an error; of other groups it is shown only.",
                FieldKind.TEXTS,
                unset="differences are shown, and none is an error",
            ),
        ),
        read=_read_ties,
    )
)
register_settings_table(
    SettingsTable(
        name=_STATUSES,
        title="Statuses of activity",
        table="status_scheme",
        fields=(
            SettingsField(
                "activity",
                "Rules",
                "In order: the first that holds gives a line of activity its status. A positive "
                "variance is adverse.",
                FieldKind.RULES,
                unset="lines of activity have no status",
                measures=MEASURES,
            ),
        ),
        read=_read_statuses,
    )
)
