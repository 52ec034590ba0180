"""The page of a question that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("question {pk}", "question")
