"""What a run has to say: explanation, report, comparison, headline."""
