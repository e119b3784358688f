"""Two kinds of configuration: a person's settings, and the organisation's policy."""
