"""What the pages of each lab are made of."""
