"""The page of a reserve that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("reserve {year} {code}", "reserve")
