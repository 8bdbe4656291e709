"""Synthetic WordPress sites for tests: their API and markup, none of their stories."""
