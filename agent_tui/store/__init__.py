"""The store: one database and a file store beside it. Opened by `agent_tui.store.open`, asked through `store.ports`."""
