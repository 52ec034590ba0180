"""Change the settings of a year: one table, or all of them from a pack.toml."""

import hashlib
from collections.abc import Mapping
from typing import Any

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.registry import (
    SettingsError,
    SettingsTable,
    settings_tables,
    values_of,
    with_values,
)
from monitoring.audit.selectors.audit_links import settings_record
from monitoring.settings.pack_file import PackFile, write_pack_file
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.settings_order import digest_of, order_values
from monitoring.structure.year_changes import change_year

CHANGED = "changed settings"
"""What the audit trail says was done."""


class ChangedMeanwhile(Refused):
    """Raised where somebody has changed the settings since they were shown; nothing is stored."""


def save_settings(
    *, year: FinancialYear, table: SettingsTable, values: Mapping[str, Any], by: User, before: str
) -> None:
    """Store the values of one table of settings; the figures of open periods follow.

    `before` is the `digest_of` the table as it was shown. Raise `ChangedMeanwhile` where it is
    another by now, and `Refused` where the settings could not be used.
    """
    with change_year(year.pk, affects_figures=True) as change:
        stored = change.year.settings
        if digest_of(table, stored) != before:
            raise ChangedMeanwhile(f"“{table.title}” has been changed since this page was opened.")
        _store_table(change.year, table, values, by)


def import_settings(*, year: FinancialYear, pack: PackFile, by: User, before: str) -> None:
    """Store the council's name and every setting of a pack.toml, or nothing.

    A table that the file does not have is no longer set. `before` is the `digest_of_year` as it was
    shown. Raise `ChangedMeanwhile` where it is another by now.
    """
    with change_year(year.pk, affects_figures=True) as change:
        stored = change.year
        if digest_of_year(stored) != before:
            raise ChangedMeanwhile("The settings have been changed since the file was checked.")
        if pack.council != stored.council:
            _store_council(stored, pack.council, by)
        for table in settings_tables().values():
            if digest_of(table, stored.settings) != digest_of(table, pack.settings):
                _store_table(stored, table, values_of(table, pack.settings), by)


def digest_of_year(year: FinancialYear) -> str:
    """Return a fingerprint of a year's council and settings."""
    return hashlib.sha256(write_pack_file(year.council, year.start, year.settings)).hexdigest()


def _store_council(year: FinancialYear, council: str, by: User) -> None:
    before, year.council = year.council, council
    FinancialYear.objects.filter(pk=year.pk).update(council=council)
    audit.record(
        by=by,
        action=CHANGED,
        on=settings_record(year),
        before={"council": before},
        after={"council": council},
    )


def _store_table(
    year: FinancialYear, table: SettingsTable, values: Mapping[str, Any], by: User
) -> None:
    """Store the values of a table, with an entry in the audit trail; the year is locked.

    Raise `Refused` where the settings could not be used.
    """
    was = order_values(table, values_of(table, year.settings))
    now = order_values(table, values)
    settings = with_values(table, year.settings, now)
    try:
        read_settings(settings)
    except SettingsError as error:
        raise Refused(str(error)) from error
    year.settings = settings
    FinancialYear.objects.filter(pk=year.pk).update(settings=settings)
    audit.record(
        by=by,
        action=CHANGED,
        on=settings_record(year),
        settings=table.name,
        before=was,
        after=now,
    )
