"""The doors: the webhook receiver for Telnyx, and the status page with its API for people and their tools."""
