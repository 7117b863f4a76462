"""Why an order was late or moved."""
