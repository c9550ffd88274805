"""The tools around the database: where its SQL is, and how to upgrade, compare and embed it."""
