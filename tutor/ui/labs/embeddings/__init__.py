"""Embeddings: priors, clusters, meaning."""
