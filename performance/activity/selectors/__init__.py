"""Every read of activity: the same rows for page, chart and download."""
