"""What is kept of a computation: specification, folder, store, frames, events, lock."""
