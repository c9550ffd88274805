"""The API as the database describes it, and the documents made from that."""
