"""Known answers: models whose exact values are known, run on the machine floor and compared."""
