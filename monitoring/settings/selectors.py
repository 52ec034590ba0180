"""A year's settings in words, and what other values would change in its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from council_finance.audit import AuditEntry
from council_finance.registry import (
    SettingsPreview,
    SettingsTable,
    has_preview,
    preview_of_year,
    preview_settings,
    read_values,
    settings_tables,
    values_of,
)
from monitoring.audit.selectors.audit_links import settings_record
from monitoring.reports.selectors.report_data import ReportData, current_data
from monitoring.settings.pack_file import PackFile
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear, PeriodState
from monitoring.structure.selectors.calendar import periods
from monitoring.structure.settings_order import order_values
from monitoring.structure.settings_words import (
    SettingChange,
    SettingInWords,
    changes_between,
    describe_settings,
)


@dataclass(frozen=True)
class TableInWords:
    """A table of settings with what is in force."""

    table: SettingsTable
    settings: list[SettingInWords]


@dataclass(frozen=True)
class Effect:
    """The effect of other settings on a report; `report` is None where there are no figures.

    `is_known` is False for settings that have no preview. With `of_year` the effect is on the year
    itself and needs no figures.
    """

    report: ReportData | None
    preview: SettingsPreview = SettingsPreview()
    is_known: bool = True
    of_year: bool = False

    @property
    def is_empty(self) -> bool:
        """Return True where nothing that is printed would change."""
        return not self.preview.sentences and not self.preview.tables


def tables_in_words(year: FinancialYear) -> list[TableInWords]:
    """Return every table of a year's settings in words."""
    return [table_in_words(table, year.settings) for table in settings_tables().values()]


def table_in_words(table: SettingsTable, settings: Mapping[str, Any]) -> TableInWords:
    """Return one table of a council's settings in words."""
    values = order_values(table, values_of(table, settings))
    return TableInWords(table, describe_settings(table, values))


@dataclass(frozen=True)
class TablePreview:
    """A table of settings that a pack.toml changes, and its effect."""

    table: SettingsTable
    changes: list[SettingChange]
    effect: Effect


def import_previews(year: FinancialYear, pack: PackFile) -> list[TablePreview]:
    """Return what each table of settings that a pack.toml changes would do."""
    values, found = read_values(pack.settings), []
    for table in settings_tables().values():
        now, after = (values_of(table, each) for each in (year.settings, pack.settings))
        if changes := changes_between(table, now, after):
            effect = effect_of(year, table, values[table.name])
            found.append(TablePreview(table, changes, effect))
    return found


def effect_of(year: FinancialYear, table: SettingsTable, value: Any) -> Effect:
    """Return what a table's new value would change in the year's latest draft or report.

    `value` is as the table's `read` returns it. A published report is shown with the settings that
    are in force now, which the year's next report would have, not with its own.
    """
    if (of_year := preview_of_year(table.name, year.start, value)) is not None:
        return Effect(None, of_year, of_year=True)
    report = _latest_report_data(year)
    if report is None or not has_preview(table.name):
        return Effect(report, is_known=report is None)
    now = report.with_settings(read_settings(year.settings))
    return Effect(report, preview_settings(table.name, now, value))


def _latest_report_data(year: FinancialYear) -> ReportData | None:
    """Return the latest draft whose figures are worked out, else the latest published report."""
    ready = Q(state=PeriodState.PUBLISHED) | Q(figures_revision__isnull=False)
    with_figures = periods().filter(ready, year=year, batch__isnull=False)
    drafts = with_figures.filter(state=PeriodState.OPEN).order_by("-number")
    period = drafts.first() or with_figures.order_by("-number").first()
    return current_data(period) if period else None


def last_change(year: FinancialYear, table: SettingsTable) -> AuditEntry | None:
    """Return the audit trail's latest entry of a change of a table; None where it has none."""
    entries = AuditEntry.objects.filter(record=settings_record(year), detail__settings=table.name)
    return entries.order_by("-pk").first()
