"""From some size of the network on first-order training is faster than Levenberg–Marquardt."""

from ...optimizers import Adam
from ...plots import curves, figure_of, logarithmic
from ...solvers import LBFGS, LevenbergMarquardt
from ..claims import Less, More
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from .second_order import surface, tanh_network, train_until

RULES = {"LM": LevenbergMarquardt(), "L-BFGS": LBFGS(decrease=0.0, tolerance=1e-9), "Adam": Adam(0.003)}
WIDTHS = (5, 10, 20, 40)
ARMS = {f"{name}, {width} units": (rule, width) for name, rule in RULES.items() for width in WIDTHS}


def measure(setting: Setting) -> Measured:
    error, limit = setting.size((1e-3, 3.0), (1e-5, 20.0))
    x, t = surface(setting.size(1000, 4000))

    def run(arm, seed):
        rule, width = arm
        net = tanh_network(2, width, width, 1, seed=seed)
        result = train_until(net, x, t, rule, error, limit)
        reached = result["error"] <= error
        return {"seconds": result["seconds"], "parameters": net.theta.size, "reached": reached}

    return measure_arms(setting, ARMS, run, seeds=setting.size(2, 5))


def draw(measured, palette):
    """Medians over the seeds; a line ends where half of them did not reach the error."""
    medians = measured.table.groupby("arm")[["parameters", "seconds", "reached"]].median()
    shown = {name: medians.loc[[f"{name}, {width} units" for width in WIDTHS]] for name in RULES}
    seconds = {name: part["seconds"].where(part["reached"] > 0.5).to_numpy() for name, part in shown.items()}
    parameters = {name: part["parameters"].to_numpy() for name, part in shown.items()}
    ax = curves(parameters, seconds, "seconds to the error", xlabel="parameters", log=True, palette=palette)
    logarithmic(ax.xaxis)
    return figure_of(ax)


EXPERIMENT = Experiment(
    title="The size from which first-order training is faster",
    items=("D9",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §6: second order for small networks",
    method=(
        "1000 samples of sin(3 x₁) cos(2 x₂) + x₁ x₂, 2-w-w-1, tanh, until a mean squared error of 10⁻³ or three "
        "seconds (at full size 4000 samples, 10⁻⁵, 20 seconds), which count where it is not reached; "
        "Levenberg–Marquardt and L-BFGS on all samples, Adam at 0.003 in batches of 32."
    ),
    claims=(
        Less(
            "seconds",
            "LM, 5 units",
            "Adam, 5 units",
            text="With 5 units a layer Levenberg–Marquardt beats Adam",
        ),
        More("seconds", "LM, 40 units", "Adam, 40 units", text="With 40 units a layer Adam is faster"),
    ),
    measure=measure,
    draw=draw,
)
