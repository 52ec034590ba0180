"""The names of monitoring's records on the audit trail, and their pages."""

from django.urls import NoReverseMatch, reverse

from council_finance.registry import record_address, register_audit_link
from monitoring.structure.models import FinancialYear, Period
from monitoring.uploading.models import Upload

for _record, _address in (
    ("upload {pk}", "upload"),
    ("report {year} period {number}", "report"),
    ("year {year}", "year"),
    ("settings {year}", "settings-year"),
    ("layout {code}", "layout-by-name"),
    ("virement {year} {code}", "virement"),
    ("forecasts {year} period {number} {code}", "forecasts"),
    ("commentary {year} period {number} {code}", "commentary-edit"),
    ("mitigations {year} period {number} {code}", "mitigations-edit"),
    ("service {year} {code}", "service-change"),
    ("contingency {year} period {number}", "contingency"),
):
    register_audit_link(_record, _address)


def report_record(period: Period) -> str:
    """Return the audit trail's name of a period's report, whatever its version."""
    return f"report {period.year.label} period {period.number}"


def settings_record(year: FinancialYear) -> str:
    """Return the audit trail's name of a year's settings."""
    return f"settings {year.label}"


def upload_record(upload: Upload) -> str:
    """Return the audit trail's name of an upload."""
    return f"upload {upload.pk}"


def record_url(record: str) -> str | None:
    """Return the address of a record's page; None where it has none."""
    found = record_address(record)
    if found is None:
        return None
    name, arguments = found
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return None
