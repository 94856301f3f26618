/**
 * A network with one sigmoid output, trained by Adam on the cross-entropy: what a page does that has no library behind
 * it. theta holds w (units × inputs, row by row) and b of each layer in turn.
 *
 * @typedef {object} Problem
 * @property {number[]} widths inputs, hidden units of each layer, 1
 * @property {keyof typeof ACTIVATIONS} activation of the hidden layers
 * @property {number[]} theta
 * @property {number} rate
 * @property {number[]} x samples × inputs, flat
 * @property {number[]} t 0 or 1
 * @property {number[][]} batches numbers of samples
 */

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

const sigmoid = (/** @type {number} */ z) => 1 / (1 + Math.exp(-z));

const ACTIVATIONS = {
  tanh: {f: Math.tanh, df: (/** @type {number} */ z, /** @type {number} */ a) => 1 - a * a},
  silu: {
    f: (/** @type {number} */ z) => z * sigmoid(z),
    df: (/** @type {number} */ z, /** @type {number} */ a) => {
      const s = sigmoid(z);
      return s + a * (1 - s);
    },
  },
};

export class Network {
  /** @param {Problem} problem */
  constructor({widths, activation, theta, rate}) {
    this.rate = rate;
    this.activation = ACTIVATIONS[activation];
    this.theta = Float64Array.from(theta);
    this.grad = new Float64Array(theta.length);
    this.m = new Float64Array(theta.length);
    this.s = new Float64Array(theta.length);
    this.steps = 0;
    this.z = widths.map((width) => new Float64Array(width));
    this.a = widths.map((width) => new Float64Array(width));
    this.delta = widths.map((width) => new Float64Array(width));
    this.starts = [0];
    for (let l = 1; l < widths.length; l++) {
      this.starts.push(this.starts[l - 1] + widths[l] * (widths[l - 1] + 1));
    }
  }

  /**
   * One step on the samples `rows` of x (n × inputs, flat) and t.
   * @param {Float64Array} x
   * @param {Float64Array} t
   * @param {number[] | Int32Array} rows
   */
  step(x, t, rows) {
    this.grad.fill(0);
    const inputs = this.a[0].length;
    for (const row of rows) {
      for (let i = 0; i < inputs; i++) this.a[0][i] = x[row * inputs + i];
      this.forward();
      this.backward(t[row]);
    }
    this.adam(rows.length);
  }

  forward() {
    const {theta, a} = this;
    const {f} = this.activation;
    for (let l = 1; l < a.length; l++) {
      const [below, above, sums] = [a[l - 1], a[l], this.z[l]];
      const inputs = below.length, units = above.length, last = l === a.length - 1;
      let w = this.starts[l - 1];
      const b = w + units * inputs;
      for (let u = 0; u < units; u++) {
        let z = theta[b + u];
        for (let i = 0; i < inputs; i++) z += theta[w++] * below[i];
        sums[u] = z;
        above[u] = last ? sigmoid(z) : f(z);
      }
    }
  }

  /** @param {number} target */
  backward(target) {
    const {theta, grad, z, a, delta} = this;
    const {df} = this.activation;
    const top = a.length - 1;
    delta[top][0] = a[top][0] - target;
    for (let l = top; l > 0; l--) {
      const [below, d, lower] = [a[l - 1], delta[l], delta[l - 1]];
      const inputs = below.length, units = d.length;
      let w = this.starts[l - 1];
      const b = w + units * inputs;
      lower.fill(0);
      for (let u = 0; u < units; u++) {
        const du = d[u];
        grad[b + u] += du;
        for (let i = 0; i < inputs; i++, w++) {
          grad[w] += du * below[i];
          lower[i] += du * theta[w];
        }
      }
      if (l > 1) for (let i = 0; i < inputs; i++) lower[i] *= df(z[l - 1][i], below[i]);
    }
  }

  /** @param {number} samples */
  adam(samples) {
    const {theta, grad, m, s} = this;
    this.steps += 1;
    const rate = this.rate / (1 - BETA1 ** this.steps), root = Math.sqrt(1 - BETA2 ** this.steps);
    for (let p = 0; p < theta.length; p++) {
      const g = grad[p] / samples;
      m[p] = BETA1 * m[p] + (1 - BETA1) * g;
      s[p] = BETA2 * s[p] + (1 - BETA2) * g * g;
      theta[p] -= (rate * m[p]) / (Math.sqrt(s[p]) / root + EPSILON);
    }
  }
}

/**
 * theta after the steps on the given batches.
 * @param {Problem} problem
 */
export function trained(problem) {
  const network = new Network(problem);
  const [inputs, targets] = [Float64Array.from(problem.x), Float64Array.from(problem.t)];
  for (const rows of problem.batches) network.step(inputs, targets, rows);
  return [...network.theta];
}

/**
 * Samples a second in batches of that size, over the given time after a warm-up of the compiler.
 * @param {Problem} problem
 * @param {number} seconds
 */
export function samplesPerSecond(problem, seconds) {
  const network = new Network(problem);
  const [inputs, targets] = [Float64Array.from(problem.x), Float64Array.from(problem.t)];
  const run = (/** @type {number} */ limit) => {
    let samples = 0;
    const began = performance.now();
    while (performance.now() - began < 1000 * limit) {
      for (const rows of problem.batches) {
        network.step(inputs, targets, rows);
        samples += rows.length;
      }
    }
    return (1000 * samples) / (performance.now() - began);
  };
  run(0.5);
  return run(seconds);
}
