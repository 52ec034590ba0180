"""The page of a plan that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("plan {year}", "plan")
