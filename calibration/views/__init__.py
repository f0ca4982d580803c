"""A lead's pages, one module for each subject."""
