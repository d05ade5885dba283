"""Controls that several labs share."""
