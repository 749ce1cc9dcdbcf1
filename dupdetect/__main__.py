"""`python -m dupdetect`: the same as the command `dupdetect`."""

from dupdetect.cli import main

if __name__ == "__main__":
    main()
