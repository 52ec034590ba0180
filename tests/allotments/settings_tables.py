"""The least rent that the council asks for."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    SettingsField,
    SettingsPreview,
    SettingsTable,
    read_pounds,
    register_settings_table,
    settings_preview,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import CouncilSettings

_NAME = "allotments"


def least_rent(settings: CouncilSettings) -> int:
    """Return the least rent in pence."""
    return settings.of_apps[_NAME]


def _read_least_rent(table: Mapping[str, object]) -> int:
    return read_pounds(table.get("least_rent", 0), "[allotments]: least_rent")


@settings_preview(_NAME)
def preview_least_rent(report: ReportData, pence: int) -> SettingsPreview:
    """Name the sites whose rent would be below the least."""
    below = [each["site"] for each in report.report_section("allotments") if each["rent"] < pence]
    return SettingsPreview(tuple(f"The rent of {site} would be below it." for site in below))


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Allotments",
        table="allotments",
        fields=(
            SettingsField(
                "least_rent", "Least rent", "Of a plot, a year.", FieldKind.POUNDS, unset="£0"
            ),
        ),
        read=_read_least_rent,
    )
)
