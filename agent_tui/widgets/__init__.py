"""What an agent sees: leaf widgets that draw lines from plain data."""
