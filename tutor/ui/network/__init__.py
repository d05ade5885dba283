"""Networks that run in the visitor's browser: their files for it, and the modules that read them."""
