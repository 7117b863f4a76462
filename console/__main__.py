"""`python -m console`: the command line of a source tree, installed or not."""

from console.cli import main

if __name__ == "__main__":
    main()
