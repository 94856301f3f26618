// Made from messages.py by tests/playground/typescript.py.

/** An answer to the question of the present lesson. */
export interface Answer {
  kind: "answer";
  text: string;
}

/** The numbers of one pass, for a sample of the present batch, a sample of the data, or a place in the plane. */
export interface Ask {
  kind: "ask";
  run?: number;
  sample?: number | null;
  in_batch?: number | null;
  x?: number | null;
  y?: number | null;
  target?: number | null;
}

/** The chain of responsibility of one weight, for the same sample. */
export interface AskChain {
  kind: "chain";
  run?: number;
  sample?: number | null;
  in_batch?: number | null;
  x?: number | null;
  y?: number | null;
  target?: number | null;
  weight: number;
}

/** The spectrum of the Hessian and 2/λ_max; or a slice of the loss along gradient and sharpest direction. */
export interface AskCurvature {
  kind: "curvature" | "slice";
  run?: number;
}

/** ∂e/∂a · f′ · x of one weight for one sample; `why` says why it learns slowly, if it does. */
export interface Chain {
  kind: "chain";
  run: number;
  step: number;
  weight: number;
  value: number;
  after: number;
  d_a: number;
  f_prime: number;
  x: number;
  gradient: number;
  difference: number;
  penalty: number;
  samples: number;
  text: string;
  why: Array<"input" | "slope" | "delta">;
}

/** All settings of a run, as they shall be. */
export interface Change {
  kind: "settings";
  run?: number;
  settings: Settings;
}

/** One column of the network's picture: inputs, a hidden layer, or the outputs. */
export interface Column {
  kind: "inputs" | "hidden" | "outputs";
  title: string;
  units: Array<Unit>;
  weights: number | null;
}

export interface Curvature {
  kind: "curvature";
  run: number;
  step: number;
  eigenvalues: Array<number>;
  exact: boolean;
  parameters: number;
  samples: number;
  largest_rate: number | null;
  rate: number;
}

/** Which samples, and how they are drawn. */
export interface Data {
  name: "rings" | "xor" | "blobs" | "spirals" | "moons" | "plane" | "gaussians" | "sine" | "table";
  classes: number;
  noise: number;
  samples: number;
  test_share: number;
  seed: number;
  table: TableUse | null;
}

/** Add, move or remove a sample. */
export interface EditPoint {
  kind: "point";
  run?: number;
  action: "add" | "move" | "remove" | "restore";
  index?: number | null;
  x?: number;
  y?: number;
  target?: number;
  test?: boolean;
}

/** A change on the time line. */
export interface Event {
  step: number;
  kind: "settings" | "points" | "weight";
  text: string;
}

/** A second run, a copy of the present one; or end it and keep one of the two. */
export interface Fork {
  kind: "fork";
  keep?: number | null;
}

/** The page is ready for the next frame. The server sends it when there is something new. */
export interface Frame {
  kind: "frame";
  large?: string | null;
}

/** To a moment of the run, exactly. */
export interface GoTo {
  kind: "go";
  step: number;
}

/** First message: open a session, or come back to one. What the page last kept is for a new server. */
export interface Hello {
  kind: "hello";
  session?: string | null;
  state?: string | null;
  second?: string | null;
  kept_lesson?: string | null;
  speed?: number | null;
  lesson?: string | null;
  language?: "en" | "zh";
}

/** One hidden layer: Dense, normalization, activation, dropout, in this order. */
export interface HiddenLayer {
  units: number;
  activation: "identity" | "step" | "sigmoid" | "tanh" | "scaled_tanh" | "relu" | "leaky_relu" | "gelu" | "elu" | "selu" | "softplus" | "silu" | "mish";
  normalization: "none" | "batch" | "layer";
  dropout: number;
}

/** x, z, a, f′ and delta of every unit of a layer; its weights and the gradients d_w, d_b, empty if it has none. */
export interface LayerNumbers {
  title: string;
  column: number;
  x: Array<number>;
  z: Array<number>;
  a: Array<number>;
  f_prime: Array<number> | null;
  delta: Array<number>;
  w: Array<Array<number>>;
  b: Array<number>;
  d_w: Array<Array<number>>;
  d_b: Array<number>;
}

/** A guided page, in the language of the session. */
export interface Lesson {
  kind: "lesson";
  name: string;
  title: string;
  text: Array<string>;
  task: string;
  question: string;
  choices: Array<string>;
  controls: Array<string>;
  number: number;
  count: number;
  previous: string | null;
  next: string | null;
}

/** A CSV file of one's own. */
export interface LoadTable {
  kind: "table";
  name: string;
  text: string;
}

/** One pass for one sample, as ``net.trace`` has it; `text` is the trace printed: the four equations filled in. */
export interface Numbers {
  kind: "numbers";
  run: number;
  step: number;
  sample: number | null;
  in_batch: number | null;
  batch: number;
  training: boolean;
  x: number;
  y: number;
  target: number;
  t: Array<number>;
  prediction: Array<number>;
  loss: number;
  value: number;
  layers: Array<LayerNumbers>;
  text: string;
}

/** A saved state: JSON, or the part of a link after ``#``. */
export interface Open {
  kind: "open";
  text: string;
}

/** What the page offers, the first reply to `Hello`; see `settings.options`. */
export interface Options {
  kind: "options";
  options: Record<string, unknown>;
}

export interface Play {
  kind: "play";
  playing: boolean;
  speed?: number | null;
}

export interface Point {
  x: number;
  y: number;
  target: number;
  test: boolean;
}

/** To step 0, with the same initial weights, or with those of another seed. */
export interface Reset {
  kind: "reset";
  run?: number;
  seed?: number | null;
}

/** The optimizer, its learning rate with the schedule, and the optimizer's other numbers. */
export interface Rule {
  name: "sgd" | "momentum" | "nesterov" | "adagrad" | "rmsprop" | "adam" | "adamw" | "delta_bar_delta";
  learning_rate: number;
  numbers: Record<string, number>;
  schedule: "constant" | "step" | "exponential" | "inverse" | "inverse_scaling" | "linear" | "cosine" | "flat_cosine" | "warmup_linear" | "warmup_cosine" | "triangular" | "one_cycle" | "coslog4";
  schedule_steps: number;
}

/** One run, sent whenever anything but weights and steps has changed. */
export interface RunState {
  kind: "run";
  run: number;
  settings: Settings;
  columns: Array<Column>;
  points: Array<Point>;
  points_edited: boolean;
  extent: number;
  axes: [string, string];
  classes: number;
  class_names: Array<string>;
  target_range: [number, number];
  parameters: number;
  steps_per_epoch: number;
  events: Array<Event>;
}

/** The state as a link or JSON, code, or the history. */
export interface Save {
  kind: "save";
  run?: number;
  form: "link" | "json" | "history" | "deltaprop" | "sklearn" | "pytorch" | "numpy";
}

export interface Saved {
  kind: "saved";
  form: string;
  name: string;
  text: string;
}

/** What concerns the page as a whole, sent whenever it has changed. */
export interface Session {
  kind: "session";
  session: string;
  version: string;
  runs: number;
  playing: boolean;
  speed: number | null;
  undo: boolean;
  redo: boolean;
  table: Record<string, unknown> | null;
  lesson: string | null;
  message: string;
}

export interface SetLanguage {
  kind: "language";
  language: "en" | "zh";
}

/** Set one number of theta by hand. */
export interface SetWeight {
  kind: "weight";
  run?: number;
  index: number;
  value: number;
}

/** Data, network and training. Two runs with equal settings, points and changes are equal to the last bit. */
export interface Settings {
  data: Data;
  features: Array<string>;
  layers: Array<HiddenLayer>;
  initializer: "auto" | "lecun_normal" | "lecun_uniform" | "glorot_normal" | "glorot_uniform" | "xavier_normal" | "xavier_uniform" | "he_normal" | "he_uniform" | "kaiming_normal" | "kaiming_uniform" | "orthogonal" | "zeros" | "small";
  loss: "auto" | "sigmoid_cross_entropy" | "softmax_cross_entropy" | "squared_error" | "absolute_error" | "huber" | "hinge" | "perceptron";
  optimizer: Rule;
  batch_size: number;
  order: "shuffled" | "fixed";
  l1: number;
  l2: number;
  clip_norm: number | null;
  seed: number;
}

/** E over theta + u · gradient direction + v · sharpest direction, and the path of the run projected on it. */
export interface Slice {
  kind: "slice";
  run: number;
  step: number;
  u: Array<number>;
  v: Array<number>;
  loss: Array<Array<number | null>>;
  now: number;
  samples: number;
  path: Array<[number, number, number]>;
}

export interface StartLesson {
  kind: "lesson";
  name: string;
}

/** Move by whole units of the run; negative: back. A sample is shown alone, see `Ask`; it moves no weight. */
export interface Step {
  kind: "step";
  unit: "batch" | "epoch";
  count?: number;
}

/** How a table of one's own is used: its target, its inputs and what the plane shows. */
export interface TableUse {
  target: string;
  columns: Array<string>;
  axes: Array<string>;
  task: "auto" | "classification" | "regression";
}

/** Something that cannot be done, in one line with the remedy; `about` is the kind of the request or the control. */
export interface Trouble {
  kind: "trouble";
  about: string;
  text: string;
}

/** Undo the newest change of a setting, a point, a weight or a table, or redo it. */
export interface Undo {
  kind: "undo" | "redo";
}

/** One circle of the network's picture. */
export interface Unit {
  name: string;
  bias: number | null;
}

/** Whether an answer is right, and why. */
export interface Verdict {
  kind: "verdict";
  right: boolean;
  text: string;
}

export type Request = Hello | SetLanguage | Change | Undo | Play | Step | GoTo | Reset | EditPoint | SetWeight | LoadTable | Fork | Frame | Ask | AskChain | AskCurvature | Save | Open | StartLesson | Answer;

export type Reply = Options | RunState | Session | Trouble | Numbers | Chain | Curvature | Slice | Saved | Lesson | Verdict;
