"""The benchmark: how fast the calls are beside the physical limit of the machine; docs/performance.md."""
