"""What of this folder is no test."""

# Run by the interpreters of other tools.
collect_ignore = ["loaders"]
