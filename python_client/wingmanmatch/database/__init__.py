"""The tools around the database: where its SQL lies, how it is upgraded, compared and run embedded."""
