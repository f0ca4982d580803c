"""A release in the files of other tools, one module each."""
