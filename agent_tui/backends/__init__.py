"""Adapters to the world outside: the contract, the registry, the test kit, and one folder per backend."""
