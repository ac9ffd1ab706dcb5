"""The schema as SQLModel tables."""
