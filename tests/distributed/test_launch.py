"""Which processes there are: arguments, and the environments of launchers, as their manuals and JAX give them."""

import re
import sys
from importlib.util import find_spec

import pytest

from deltaprop import distributed
from deltaprop.distributed import launch
from deltaprop.errors import InputError

SLURM = {
    "SLURM_JOB_ID": "4096",
    "SLURM_STEP_NODELIST": "127.0.0.1",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "2",
    "SLURM_LOCALID": "1",
}
MPI = {
    "OMPI_MCA_orte_hnp_uri": "1531576320.0;tcp://10.96.0.1,10.148.0.1:34911",
    "OMPI_COMM_WORLD_SIZE": "3",
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_RANK": "0",
}
KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "JOB_COMPLETION_INDEX": "0"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("127.0.0.1:80", 2, None), "process_id is None, expected all of coordinator, processes, process_id"),
        ((None, None, 0), "coordinator is None.*give coordinator and processes too"),
        (("127.0.0.1", 2, 0), "coordinator is '127.0.0.1', expected HOST:PORT"),
        (("127.0.0.1:", 2, 0), "expected HOST:PORT"),
        ((":80", 2, 0), "expected HOST:PORT"),
        (("a b:80", 2, 0), "expected HOST:PORT"),
        (("http://a:80", 2, 0), "expected HOST:PORT"),
        (("::1:80", 2, 0), "expected HOST:PORT"),
        (("[a]:80", 2, 0), "expected HOST:PORT"),
        (("a:0", 2, 0), "port in \\[1, 65535\\]"),
        (("a:65536", 2, 0), "port in \\[1, 65535\\]"),
        (("a:²", 2, 0), "port in \\[1, 65535\\]"),
        ((80, 2, 0), "coordinator is 80"),
        (("0.0.0.0:80", 2, 0), "at which the other processes reach"),
        (("[::]:80", 2, 0), "at which the other processes reach"),
        (("a:80", 0, 0), "processes is 0, expected an integer in \\[1, inf\\)"),
        (("a:80", 2.0, 0), "processes is 2.0"),
        (("a:80", True, 0), "processes is True"),
        (("a:80", 2, 2), "process_id is 2, expected an integer in \\[0, 1\\]"),
        (("a:80", 2, -1), "process_id is -1"),
        (("a:80", 2, 0, 0.0), "timeout is 0.0"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=re.compile(f"^start: .*{message}")) as caught:
        distributed.start(*arguments)
    assert "\n" not in str(caught.value)


def test_arguments_that_fit():
    assert launch.given("node-1.example:8476", 4, 3) == launch.Launch("node-1.example", 8476, 4, 3)
    assert launch.given("[::1]:65535", 1, 0) == launch.Launch("::1", 65535, 1, 0)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, None),
        (SLURM, "slurm"),
        (SLURM | {"SLURM_NTASKS": "1"}, None),
        (
            {k: v for k, v in SLURM.items() if k != "SLURM_STEP_NODELIST"},
            None,
        ),  # in a batch script, outside srun
        (MPI, "ompi"),
        (MPI | {"OMPI_COMM_WORLD_SIZE": "1"}, None),
        (KUBERNETES, "k8s"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, None),  # a pod that is no part of an indexed job
    ],
)
def test_a_launcher_counts_where_it_started_several_processes(environment, name):
    assert launch.launcher(environment) == name


def test_a_version_of_open_mpi_that_jax_does_not_recognise_is_said():
    with pytest.raises(
        InputError, match="Open MPI started 3 processes, but JAX does not recognise its version"
    ):
        launch.launcher({"OMPI_COMM_WORLD_SIZE": "3"})


def test_without_a_launcher_nothing_is_started(monkeypatch):
    for name in SLURM | MPI | KUBERNETES:
        monkeypatch.delenv(name, raising=False)
    distributed.start()
    distributed.start("127.0.0.1:8476", 1, 0)
    assert (distributed.index(), distributed.count()) == (0, 1)
    distributed.fail(RuntimeError())
    distributed.stop()


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("environment", [{}, SLURM])
def test_a_version_of_jax_that_lacks_a_name_or_a_module_is_refused(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    arguments = () if environment else ("127.0.0.1:8476", 2, 1, 1.0)
    words = r"^start: JAX \S+ has no jax\._src\.{}, expected .* install one of 0\.8 to 0\.11\.$".format
    monkeypatch.delattr("jax._src.xla_bridge.make_cpu_client")
    with pytest.raises(InputError, match=words(r"xla_bridge\.make_cpu_client")):
        distributed.start(*arguments)
    monkeypatch.setitem(sys.modules, "jax._src.clusters", None)
    with pytest.raises(InputError, match=words(r"clusters\.ClusterEnv\.\w+")):
        distributed.start(*arguments)
