"""From tokens to sets and sketches: shingles, and MinHash rows that datasketch can use."""
