"""HTML pages: the report of a training run (`run`, `templates/`), with figures and images inside (`images`)."""
