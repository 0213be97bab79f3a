"""A Telnyx to try things on: the 10DLC part of its API as a state machine, and a server for it on loopback.

It imports nothing else of ours: a misreading of Telnyx must not hide by being shared with what it tests.
"""
