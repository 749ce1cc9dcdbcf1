"""Collections larger than memory: sources, candidate pairs and outputs on disk."""
