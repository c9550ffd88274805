"""The operators' page: a process on this machine, with the rights of whoever starts it."""
