"""What comes in: encodings, dialects, manifests, and the cleaning of rows."""
