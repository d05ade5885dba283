"""What is served beside pages: the app itself, headers, and the routes that pictures fetch."""
