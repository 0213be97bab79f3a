"""Verbs: each decision is one pure function of values. Time and chance are arguments; no verb calls another."""
