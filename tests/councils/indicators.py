"""Small files of performance indicators, for a council of any services."""

FILES_OF_INDICATORS = (
    ("indicators", False, "reference,measure,polarity\nI1,Homes,higher\n"),
    ("indicator_history", False, "reference,financial_year,period,actual\nI1,2020/21,3,5\n"),
    ("indicators", True, "reference,actual\nI1,5\n"),
    ("benchmarks", True, "reference,comparator,value\nI1,england,6\n"),
)
"""The kind of each file, whether it belongs to a month, and its text, in the order of loading."""
