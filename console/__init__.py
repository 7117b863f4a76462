"""The front door: parses words, draws answers, decides nothing."""
