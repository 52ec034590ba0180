"""The page of an indicator that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("indicator {year} {code}", "indicator")
