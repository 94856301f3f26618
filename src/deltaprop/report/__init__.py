"""HTML pages: the report of a training run (`run`, `templates/`), with charts (`charts`) and images inside."""
