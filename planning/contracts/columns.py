"""The columns of contracts.csv, contract_shares.csv and contract_prices.csv."""

from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, TEXT, WHOLE, ColumnSpec

SUPPLIER_KINDS = ("sme", "voluntary")
NOT_STATED = "Not stated."

CONTRACT = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference in the register, by which shares and prices name it.",
        example="HRS-1",
    ),
    ColumnSpec(
        "title", TEXT, required=True, meaning="What the contract is called.", example="Homecare"
    ),
    ColumnSpec(
        "description",
        TEXT,
        meaning="What is bought.",
        blank=NOT_STATED,
        example="Care at home in the north",
    ),
    ColumnSpec(
        "supplier",
        TEXT,
        meaning="The supplier. The column must be there.",
        blank="Not awarded yet.",
        example="Riverside Group",
    ),
    ColumnSpec(
        "supplier_registration",
        CODE,
        meaning="The supplier’s company or charity number.",
        blank=NOT_STATED,
        example="00938400",
    ),
    ColumnSpec(
        "supplier_kind",
        CHOICE,
        choices=SUPPLIER_KINDS,
        meaning="A small or medium enterprise, or the voluntary sector.",
        blank="Neither, or not stated.",
        example="sme",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service that answers for it.",
        example="COM-04",
    ),
    ColumnSpec(
        "decision_reference",
        CODE,
        meaning="The decision that awards or extends it, as in the year’s decisions.",
        blank="No decision is named.",
        example="2019/036",
    ),
    ColumnSpec(
        "procurement",
        TEXT,
        meaning="How it was awarded: tender, quote, direct award (waiver), framework or grant.",
        blank=NOT_STATED,
        example="tender",
    ),
    ColumnSpec(
        "start_date", DATE, meaning="Its first day.", blank=NOT_STATED, example="2013-04-01"
    ),
    ColumnSpec(
        "end_date",
        DATE,
        meaning="Its last day, with the extensions that were taken.",
        blank="It follows from the start and the term.",
        example="2019-03-31",
    ),
    ColumnSpec(
        "review_date", DATE, meaning="When it is reviewed.", blank=NOT_STATED, example="2018-12-01"
    ),
    ColumnSpec(
        "term_months",
        WHOLE,
        meaning="Its months without any extension.",
        blank="They follow from its first and last day.",
        example="36",
    ),
    ColumnSpec(
        "extension_months",
        TEXT,
        meaning="The months of each extension in order, with semicolons.",
        blank="It cannot be extended.",
        example="12;12",
    ),
    ColumnSpec(
        "extensions_taken",
        WHOLE,
        meaning="How many of the extensions were taken.",
        blank="None.",
        example="1",
    ),
    ColumnSpec(
        "break_date",
        DATE,
        meaning="The day on which it may be broken off.",
        blank="It has no break.",
        example="2025-12-31",
    ),
    ColumnSpec(
        "notice_months",
        WHOLE,
        meaning="The months of notice that end it.",
        blank="No notice is stated.",
        example="18",
    ),
    ColumnSpec(
        "notice_anniversary",
        TEXT,
        meaning="The day of the year on which notice takes effect, as month and day.",
        blank="Notice counts back from the break or the end.",
        example="03-31",
    ),
    ColumnSpec(
        "annual_value", AMOUNT, meaning="Its value a year.", blank=NOT_STATED, example="441327.00"
    ),
    ColumnSpec(
        "total_value",
        AMOUNT,
        meaning="Its value over its whole length, extensions included.",
        blank="The annual value times all months.",
        example="850000.00",
    ),
    ColumnSpec(
        "estimated_value",
        AMOUNT,
        meaning="The whole value as estimated before the award.",
        blank="No estimate is stated.",
        example="800000.00",
    ),
    ColumnSpec(
        "spend_to_date",
        AMOUNT,
        meaning="What has been spent under it.",
        blank=NOT_STATED,
        example="950000.00",
    ),
    ColumnSpec(
        "replaces_annual_cost",
        AMOUNT,
        meaning="The cost a year of what it replaces.",
        blank="It replaces nothing, or not stated.",
        example="1311700.00",
    ),
    ColumnSpec(
        "irrecoverable_vat",
        AMOUNT,
        meaning="The VAT that cannot be recovered.",
        blank=NOT_STATED,
        example="0.00",
    ),
    ColumnSpec(
        "vat",
        TEXT,
        meaning="Whether values include VAT.",
        blank=NOT_STATED,
        example="excluding",
    ),
    ColumnSpec(
        "payment", TEXT, meaning="When it is paid.", blank=NOT_STATED, example="monthly in arrears"
    ),
    ColumnSpec(
        "indexation", TEXT, meaning="How prices rise.", blank=NOT_STATED, example="CPI each April"
    ),
    ColumnSpec(
        "note", TEXT, meaning="A note on it.", blank="None.", example="Extension not taken yet"
    ),
)

_CONTRACT_REFERENCE = ColumnSpec(
    "contract_reference",
    CODE,
    required=True,
    meaning="The reference of the contract, as in the year’s contracts.",
    example="DPSS",
)
SHARE = (
    _CONTRACT_REFERENCE,
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of a service that bears a part of it.",
        example="ADULTS",
    ),
    ColumnSpec(
        "percent",
        AMOUNT,
        required=True,
        meaning="Its share in per cent. The shares of a contract add up to 100.",
        example="81",
    ),
)
PRICE = (
    _CONTRACT_REFERENCE,
    ColumnSpec(
        "line",
        TEXT,
        required=True,
        meaning="What the price is for.",
        example="Short break, overnight",
    ),
    ColumnSpec("unit", TEXT, meaning="What is counted.", blank=NOT_STATED, example="a night"),
    ColumnSpec("band", TEXT, meaning="The band of need.", blank="No bands.", example="high"),
    ColumnSpec(
        "price",
        AMOUNT,
        meaning="The price of one unit. The column must be there.",
        blank="Only an annual value is given.",
        example="79.00",
    ),
    ColumnSpec(
        "annual_value",
        AMOUNT,
        meaning="What the line comes to in a year.",
        blank=NOT_STATED,
        example="397829.00",
    ),
)
