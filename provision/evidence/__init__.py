"""What is evidence that a room's sheets are on paper, and what a person at the printer says of them."""
