"""The application: knows the school, the day, the people and what was done."""
