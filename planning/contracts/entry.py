"""The contracts that people enter, with their shares and prices."""

from planning.contracts.models import Contract, ContractPrice, ContractShare
from planning.entry.records import RecordKind, RecordPart

CONTRACT = RecordKind(
    kind="contracts",
    noun="contract",
    model=Contract,
    parts=(
        RecordPart(
            "contract_shares",
            "contract_reference",
            "Shares",
            "share",
            "The services that bear it between them, if there are several: they add up to 100%.",
            ContractShare,
            "contract",
        ),
        RecordPart(
            "contract_prices",
            "contract_reference",
            "Prices",
            "price",
            "Prices by unit and band, or what a line comes to in a year.",
            ContractPrice,
            "contract",
        ),
    ),
    labels={
        "service_code": "Service",
        "decision_reference": "Decision",
        "supplier_registration": "Company or charity number",
        "supplier_kind": "Kind of supplier",
        "term_months": "Term in months",
        "extension_months": "Months of each extension",
        "notice_months": "Notice in months",
        "notice_anniversary": "Day of the year for notice",
        "replaces_annual_cost": "Annual cost of what it replaces",
        "irrecoverable_vat": "VAT that cannot be recovered",
        "vat": "VAT in its values",
        "percent": "Share in per cent",
    },
    long=("title", "description", "note"),
    audit_name="contract {year} {code}",
)
