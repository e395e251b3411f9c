"""A library: documents in, sheets of paper out."""
