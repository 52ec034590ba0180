"""Indicators and a medium-term plan of the council of tests.councils.marked."""

INDICATORS = (
    "reference,measure,service_code,polarity,target,source,reported_in\n"
    "I1,Homes visited,CARE,higher,80,Case system,Report\n"
    "I2,Lamps lit,ROADS,higher,60,Lamp system,Report\n"
)
INDICATOR_HISTORY = "reference,financial_year,period,actual\nI1,2020/21,3,70\nI2,2020/21,3,50\n"
INDICATOR_VALUES = "reference,actual,commentary\nI1,76,Held up\nI2,61,On time\n"
BENCHMARKS = "reference,comparator,value\nI1,england,75\nI2,england,60\n"

PLAN_SETTINGS = (
    '[plan]\nname = "Plan"\nyears = ["2021/22", "2022/23"]\namounts = "cumulative"\nbase = 1000\n'
)
PLAN = (
    "reference,title,type,service_code,heading,kind,recurrence,2021/22,2022/23\n"
    "PL1,More homes,growth,CARE,Demand,,recurring,50,60\n"
    "PL2,Fewer lamps,saving,ROADS,Efficiency,Eff,recurring,-10,-20\n"
)
FUNDING = (
    "reference,source,heading,service_code,recurrence,2021/22,2022/23\n"
    "F1,Care fund,Pooled,CARE,recurrent,5,5\nF2,Road fund,Given,ROADS,recurrent,6,6\n"
)
CAPITAL_PLAN = (
    "reference,scheme,heading,service_code,status,2021/22,2022/23\n"
    "CAP1,New beds,Starts,CARE,draft,1,2\nCAP2,New lamps,Starts,ROADS,draft,3,4\n"
)
SCENARIOS = "scenario,reference,2021/22,2022/23\nHigher pay,PL1,55,70\n"

OF_A_PLAN = {
    "capital_plan": CAPITAL_PLAN,
    "plan": PLAN,
    "funding": FUNDING,
    "plan_scenarios": SCENARIOS,
}
"""The text of each kind of file of the plan, in the order of loading."""
