"""Entering a record and the rows under it in the browser, by the rules of their files."""
