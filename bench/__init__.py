"""The budgets, measured on a pty beside public peers in one run: `python -m bench --help`."""
