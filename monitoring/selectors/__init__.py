"""Every read that crosses models: the same rows feed the page, the statement and the check."""
