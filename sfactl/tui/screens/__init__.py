"""One screen a noun."""
