"""The page on which a person matches the columns of a file, and says the shape of its rows."""
