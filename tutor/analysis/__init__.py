"""Arrays that pages and notebooks draw; never pictures."""
