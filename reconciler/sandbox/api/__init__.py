"""The emulated API: its addresses, what each does to the account, and the shapes of its answers."""
