"""Import, clean, filter and fill back lists of names."""
