"""The Lambda functions, each a package that wires `taskchat` to its events."""
