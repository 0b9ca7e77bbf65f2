"""`python -m colloquia` is the `colloquia` command."""

import sys

from colloquia.cli import main

if __name__ == "__main__":
    sys.exit(main())
