"""The files of the subjective analysis: its columns, accounts, and estimates."""
