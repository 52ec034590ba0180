"""The page of a grant that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("grant {year} {code}", "grant")
