"""Around every page: layout, address, presentation, sessions."""
