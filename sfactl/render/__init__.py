"""How lists and records are shown: one column definition, and a writer for each form."""
