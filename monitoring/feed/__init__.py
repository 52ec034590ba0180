"""The ledger feed: files that a ledger brings by itself, by a watched folder or with a token."""
