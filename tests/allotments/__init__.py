"""Rents of allotments: a small app made by docs/adding-an-app.md, for the test of that recipe."""
