"""The page of a group of activity that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("activity {year} {number} {code}", "activity-group")
