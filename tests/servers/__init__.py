"""Real and scripted servers for the tests. `fixtures.py` has the fixtures that any room may use."""
