"""The files of other tools, one module each."""
