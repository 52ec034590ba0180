"""Everything the database holds, in one file and back again, with proof that it is the same."""
