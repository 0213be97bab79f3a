"""Compositions of the verbs, pure: one round, one answer, one batch of events. `flow` gathers for them and acts."""
