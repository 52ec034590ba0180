"""What people ask each other about a figure, and the answers."""
