"""What the registry allots besides a number: for whom, until when, on which certificate."""
