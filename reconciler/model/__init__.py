"""Nouns: what the service believes, wants and does. Frozen values that check themselves when made."""
