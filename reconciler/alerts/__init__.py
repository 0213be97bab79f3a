"""Hands that carry alerts out: each receiver of the config is one sink."""
