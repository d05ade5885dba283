"""Around every page: layout, address, lessons, presentation, sessions."""
