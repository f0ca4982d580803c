"""Settings, addresses, start-up: imports everything, nothing imports it."""
