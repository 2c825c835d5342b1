"""`python -m livetranslate.cli` is the command `livetranslate`."""

from livetranslate.cli import main

if __name__ == "__main__":
    main()
