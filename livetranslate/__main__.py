"""The command `livetranslate`, also as `python -m livetranslate`."""

import signal
import sys


def main() -> None:
    """Run the command line, if what it needs is installed: the SDK alone does not bring it."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.SIG_IGN:  # as it is in a script's background
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C while packages load ends this at once
    try:
        from livetranslate.cli import main as run  # noqa: PLC0415 - a failure is explained here
    except ModuleNotFoundError as error:
        sys.exit(f"livetranslate: the command line needs the package {error.name}: pip install 'livetranslate[server]'")
    signal.signal(signal.SIGINT, handler)
    run()


if __name__ == "__main__":
    main()
