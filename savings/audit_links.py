"""The page of a saving that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("saving {year} {code}", "saving")
