"""Known answers: models whose exact values are known, run on the machine floor or in a whole world, and compared."""
