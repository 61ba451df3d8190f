"""`python -m benchmark.behaviours`."""

import sys

from benchmark.behaviours.command import main
from benchmark.errors import USAGE_ERROR, UserError

if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(USAGE_ERROR)
