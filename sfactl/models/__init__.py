"""The tables: one class a table, and nothing that computes."""
