"""What other programs make of the product's files: see __main__."""
