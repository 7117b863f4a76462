"""What a run is measured by."""
