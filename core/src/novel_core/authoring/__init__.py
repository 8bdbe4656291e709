"""What `novel record`, `novel check` and `novel try` are made of."""
