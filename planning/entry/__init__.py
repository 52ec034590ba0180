"""Entry in the browser of the rows that files bring, under the checks of those files."""
