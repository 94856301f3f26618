"""onnxruntime: the network as deltaprop writes it to ONNX."""

from __future__ import annotations

import onnxruntime

from ..workloads import Workload
from .deltaprop_ import calls


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.task != "predict":
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    model = workload.network().to_onnx().SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    one = workload.data()[0][:1]
    return calls(lambda: session.run(None, {name: one}))
