"""scikit-learn's grid search on a Dask cluster of processes, one of which is killed on the way."""

import os
import signal
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.datasets import load_iris
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV

from deltaprop import MLPClassifier

SPACE = {"alpha": [0.0, 0.1], "learning_rate_init": [0.003, 0.03]}


def score(model, x, t, mark):
    """The log-likelihood, which any change of a weight changes. The first to come here with a penalty is killed."""
    if model.alpha:
        with suppress(FileExistsError):
            mark.touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
    return get_scorer("neg_log_loss")(model, x, t)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of connections to the killed
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs show as much
def test_the_search_finds_what_it_finds_in_one_process(tmp_path):
    x, t = load_iris(return_X_y=True)
    model = MLPClassifier((8, 4), early_stopping=True, max_iter=20, scale_inputs=True, random_state=0)
    search = GridSearchCV(model, SPACE, scoring=partial(score, mark=tmp_path / "killed"), cv=3)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask", scatter=[x, t]),
    ):
        search.fit(x, t)
    assert (tmp_path / "killed").exists()
    alone = GridSearchCV(model, SPACE, scoring=search.scoring, cv=3).fit(x, t)
    assert search.best_params_ == alone.best_params_
    for name in {*alone.cv_results_} - {"mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time"}:
        np.testing.assert_array_equal(search.cv_results_[name], alone.cv_results_[name], name)
    for ours, theirs in zip(search.best_estimator_.coefs_, alone.best_estimator_.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
