"""`python -m reconciler` is the command `tendlc`."""

from reconciler.cli import main

if __name__ == "__main__":
    main()
