"""The statements of budgets by subjective, each made from the data of a year."""
