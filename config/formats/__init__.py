"""How every page writes dates (FORMAT_MODULE_PATH)."""
