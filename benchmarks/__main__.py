"""All measurements, one after the other: `make bench`. Each is also a module: `python -m benchmarks.start`."""

import asyncio

from benchmarks import approval, look, pace, receive, start, validate


def main() -> None:
    """Run them all; the figures go to stdout."""
    start.main()
    validate.main()
    for measure in (approval.measure, pace.measure, look.measure, receive.measure):
        for line in asyncio.run(measure()):
            print(line)


if __name__ == "__main__":
    main()
