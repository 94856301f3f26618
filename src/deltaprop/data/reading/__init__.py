"""Table files as people write them: their format recognised, read, and what was recognised said in a line each."""
