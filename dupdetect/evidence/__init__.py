"""What a person can check: passages, phrases, signals, each with its place in the text as read."""
