"""deltaprop beside its peers: ``python -m benchmarks`` runs them in turn and prints ratios.

Every contender runs in a process of its own, with its threads limited in the same way; the processes take turns, one
round after the other, so that a machine whose speed drifts changes all alike. Only ratios within one run mean anything.
"""
