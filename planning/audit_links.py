"""The pages of decisions and contracts that the audit trail names."""

from council_finance.registry import register_audit_link

register_audit_link("decision {year} {code}", "decision")
register_audit_link("contract {year} {code}", "contract")
