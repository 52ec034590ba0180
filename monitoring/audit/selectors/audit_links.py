"""How the audit trail names the records of monitoring, and their pages."""

from council_finance.registry import register_audit_link
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload

for _record, _address in (
    ("upload {pk}", "upload"),
    ("report {year} period {number}", "report"),
    ("year {year}", "year"),
    ("layout {code}", "layout"),
    ("virement {year} {code}", "virement"),
    ("forecasts {year} period {number} {code}", "forecasts"),
    ("commentary {year} period {number} {code}", "commentary-edit"),
    ("service {year} {code}", "service-change"),
):
    register_audit_link(_record, _address)


def report_record(period: Period) -> str:
    """What the audit trail calls a period's report, whatever its version."""
    return f"report {period.year.label} period {period.number}"


def upload_record(upload: Upload) -> str:
    """What the audit trail calls an upload."""
    return f"upload {upload.pk}"
