"""The commands: parse, call a service, show. One thin module a noun."""
