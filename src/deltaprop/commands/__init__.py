"""What the commands do: a run from data to a folder, and what can be done with that folder."""
