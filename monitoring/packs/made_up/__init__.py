"""A made-up council, for trying the product: written by a program, the same bytes every time.

Nothing in it is taken from a real council's report.
"""
