"""The names that apps register, which pages, commands and downloads then offer.

An app registers plain functions and small data classes when Django starts
(`council_finance.installed_apps`). Nothing here imports an app.
"""

from council_finance.registry.audit_links import record_address, register_audit_link
from council_finance.registry.month_steps import (
    Due,
    Link,
    MonthStep,
    month_step,
    month_steps,
)
from council_finance.registry.navigation import Menu, MenuItem, menu_items, register_menu_item
from council_finance.registry.order import ALL_OTHERS, refuse_unknown_places
from council_finance.registry.panels import (
    Found,
    PanelEntry,
    find,
    finder,
    finder_nouns,
    panel,
    panels,
)
from council_finance.registry.reports import (
    StatementEntry,
    check,
    checks,
    report_section,
    report_sections,
    statement,
    statement_entry,
    statements,
)
from council_finance.registry.settings_fields import FieldKind, Measure, SettingsField
from council_finance.registry.settings_tables import (
    PreviewTable,
    SettingsError,
    SettingsPreview,
    SettingsTable,
    has_preview,
    pack_tables,
    preview_settings,
    read_pounds,
    read_values,
    refuse_unknown_keys,
    register_settings_table,
    settings_preview,
    settings_tables,
    values_of,
    with_values,
)
from council_finance.registry.upload_kinds import (
    AnyKind,
    Brings,
    UploadKind,
    register_upload_kind,
    replace_upload_kind,
    upload_kind,
    upload_kinds,
)

__all__ = [
    "ALL_OTHERS",
    "AnyKind",
    "Brings",
    "Due",
    "FieldKind",
    "Found",
    "Link",
    "Measure",
    "Menu",
    "MenuItem",
    "MonthStep",
    "PanelEntry",
    "PreviewTable",
    "SettingsError",
    "SettingsField",
    "SettingsPreview",
    "SettingsTable",
    "StatementEntry",
    "UploadKind",
    "check",
    "checks",
    "find",
    "finder",
    "finder_nouns",
    "has_preview",
    "menu_items",
    "month_step",
    "month_steps",
    "pack_tables",
    "panel",
    "panels",
    "preview_settings",
    "read_pounds",
    "read_values",
    "record_address",
    "refuse_unknown_keys",
    "refuse_unknown_places",
    "register_audit_link",
    "register_menu_item",
    "register_settings_table",
    "register_upload_kind",
    "replace_upload_kind",
    "report_section",
    "report_sections",
    "settings_preview",
    "settings_tables",
    "statement",
    "statement_entry",
    "statements",
    "upload_kind",
    "upload_kinds",
    "values_of",
    "with_values",
]
