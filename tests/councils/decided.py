"""Small files of subjectives, decisions and contracts, for a council with CARE and ROADS."""

DECISIONS = (
    "reference,title,decision_maker,decision_on,key_decision,status,service_code,likelihood,impact\n"
    "D1,Award homecare,Cabinet,2021-06-01,yes,taken,CARE,2,4\n"
    "D2,Close a depot,Cabinet,2021-09-07,,planned,ROADS,,\n"
)
EFFECTS = (
    "decision_reference,line,kind,service_code,financial_year,recurrence,amount,in_forecast\n"
    "D1,1,cost,CARE,2021/22,recurring,12,no\nD2,1,saving,ROADS,2022-23,recurring,,\n"
)
SIGN_OFFS = (
    "decision_reference,role,signed_on,outcome\n"
    "D1,Monitoring Officer,2021-05-20,signed\nD1,Local Member,,blank\n"
)
MEETINGS = (
    "meeting_on,committee,provisional,reports_due_on,despatch_on\n"
    "2021-06-01,Cabinet,,2021-05-18,2021-05-21\n"
)
CONTRACTS = (
    "reference,title,supplier,service_code,decision_reference,start_date,term_months,"
    "extension_months,annual_value\n"
    "C1,Homecare,Careful Ltd,CARE,D1,2021-07-01,24,12;12,60\nC2,Salt,,ROADS,,,,,\n"
)
SHARES = "contract_reference,service_code,percent\nC1,CARE,81\nC1,ROADS,19\n"
PRICES = (
    "contract_reference,line,unit,band,price,annual_value\n"
    "C1,Visit,an hour,high,0.19,\nC1,Standby,,,,3\n"
)
SUBJECTIVES = (
    "code,name,group,kind,order,subtotal_after\nEMP,Employees,employees,expenditure,1,Gross\n"
    "EXT,Fees,income,external_income,2,\n"
)
ACCOUNTS = "account,name,subjective_code\nNET,Net,EMP\n9*,Fees,EXT\n"
ESTIMATES = (
    "financial_year,service_code,subjective_code,step,amount\n"
    "2021/22,CARE,EMP,,900\n2022/23,CARE,EMP,base,950\n2022/23,CARE,EXT,,-50\n"
)
OF_SUBJECTIVES = {"subjectives": SUBJECTIVES, "accounts": ACCOUNTS, "estimates": ESTIMATES}
"""The text of each kind of file of the subjective analysis, in the order of loading."""

OF_KINDS = {
    "decisions": DECISIONS,
    "decision_effects": EFFECTS,
    "sign_offs": SIGN_OFFS,
    "meetings": MEETINGS,
    "contracts": CONTRACTS,
    "contract_shares": SHARES,
    "contract_prices": PRICES,
}
"""The text of each kind of file, in the order in which they are loaded."""
