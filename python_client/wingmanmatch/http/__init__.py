"""The HTTP layer: it verifies a token, calls one function of the database and passes its answer on."""
