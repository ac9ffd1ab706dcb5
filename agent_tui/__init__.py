"""agent-tui: an agent desktop in the terminal."""

__version__ = "0.1.0"
