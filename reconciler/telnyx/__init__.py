"""The Telnyx hand: what it says, read; what it is told, sent; whether a webhook is really its own."""
