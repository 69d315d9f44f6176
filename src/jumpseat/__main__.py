"""`python -m jumpseat`: the command line, where no `jumpseat` is on the path."""

import sys

from jumpseat.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
