"""The trade's rules, as functions of values; no database here."""
