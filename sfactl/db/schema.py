"""Which version of the tables this program works with."""

HEAD = "0014"
"""The newest migration; a test keeps it equal to what the migrations say."""
