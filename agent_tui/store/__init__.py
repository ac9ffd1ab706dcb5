"""The store: one database per workspace, its migrations, queries, search index and change feed."""
