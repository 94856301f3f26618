"""A sweep on a Dask cluster of processes, one of which is killed on the way."""

import os
import signal
import threading
import time

import pytest
from distributed import Client, LocalCluster
from joblib import parallel_config
from swept import SPACE, slow_loss

from deltaprop.sweeps import sweep


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of connections to the killed one
def test_the_table_is_that_of_one_process(tmp_path):
    log, killed = tmp_path / "trials.jsonl", []

    def kill_one(cluster):
        while not log.exists() or log.read_bytes().count(b"\n") < 5:
            time.sleep(0.02)
        killed.append(cluster.workers[0].pid)
        os.kill(killed[0], signal.SIGKILL)

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask"),
    ):
        killer = threading.Thread(target=kill_one, args=[cluster])
        killer.start()
        found = sweep(slow_loss, SPACE, seeds=4, metric="loss", log=log)
        killer.join()
    assert killed
    assert found.table().equals(sweep(slow_loss, SPACE, seeds=4, metric="loss").table())
