"""What a network could do at best, before anything is simulated."""
