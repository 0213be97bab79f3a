"""Keeps phone numbers assigned to approved Telnyx 10DLC campaigns, and tells a person when it cannot."""

__version__ = "0.1.0"
