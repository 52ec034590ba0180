"""The page of a scheme that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("capital scheme {year} {code}", "capital-scheme")
