"""Real data in, network and scenario files out."""
