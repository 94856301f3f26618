"""The commands: each file is one (`train`, `predict`, `trace`, `show`) or serves them."""
