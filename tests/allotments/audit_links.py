"""The page of a period's rents that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("allotments {year} period {number}", "allotments")
