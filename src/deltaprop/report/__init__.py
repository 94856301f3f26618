"""What a run looked like: plots (`plots`), and one HTML page that shows them all (`run`).

>>> from deltaprop.report import plots
>>> figure = plots.curves([1, 2, 3], {"train": [1.0, 0.5, 0.25]}, "loss")
"""
