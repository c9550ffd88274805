"""The benchmark: how fast calls are compared with the machine's physical limit; see docs/performance.md."""
