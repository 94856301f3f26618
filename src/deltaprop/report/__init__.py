"""Reports of training runs: plots (`plots`), and the HTML page of a run (`run`, `templates/`).

>>> from deltaprop.report import plots
>>> figure = plots.curves([1, 2, 3], {"train": [1.0, 0.5, 0.25]}, "loss")
"""
