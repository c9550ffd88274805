"""The demo: made-up people, and the story of two of them, told with real calls."""
