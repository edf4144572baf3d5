"""`python -m central_registry` is `central-registry`."""

from central_registry.cli import main

if __name__ == "__main__":
    main()
