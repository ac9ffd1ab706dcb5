"""The search: how words are folded and stemmed, and how queries are run."""
