/* The engine's public face: virtual time, processes, randomness, choice and the trace. */
export { Calendar, NEVER, type Activity } from './calendar.ts';
export { LimitReached, Simulation, type Ending, type SimulationOptions } from './simulation.ts';
export { PARK, Process, type ProcessCode } from './process.ts';
export { Door, type ChoiceKind, type Explorer, type Strategy } from './choice/door.ts';
export { conflict, isArrival, type Access, type Move, type MoveKind } from './explore/move.ts';
export { Exploration, type Due } from './explore/exploration.ts';
export { guided, recorded, type OnMissed, type Plan, type Switch } from './choice/guided.ts';
export { type Bounds, type FingerprintOf } from './choice/depth-first.ts';
export { Cycles, type Round } from './explore/cycle.ts';
export { type Observer } from './explore/observer.ts';
export { Fingerprint, hashOf, mixed, type Stateful } from './explore/fingerprint.ts';
export {
  LEARNING_RUNS,
  Reordering,
  Sampler,
  samplerNames,
  type SamplerName,
} from './explore/samplers.ts';
export { KnownSchedules, NewSchedule } from './explore/known-schedules.ts';
export { Dpor } from './choice/dpor.ts';
export { type Insight } from './choice/effects.ts';
export { DepthFirst } from './choice/depth-first.ts';
export { shrink } from './explore/shrink.ts';
export { ScheduleError } from './explore/schedule-bytes.ts';
export {
  formatSchedule,
  parseSchedule,
  type RunBounds,
  type Schedule,
} from './explore/schedule.ts';
export { timed } from './choice/timed.ts';
export { replay, ReplayDiverged } from './choice/replay.ts';
export { RandomStreams, RandomStream } from './random/streams.ts';
export { drawer, VARIATE_NS_MAX, type Variate, type WeightedValue } from './random/variates.ts';
export { TextTable, type KnownTexts, type Texts } from './trace/text-table.ts';
export { EventTypes, type FormatDetail } from './trace/event-types.ts';
export { Interest } from './trace/interest.ts';
export { Trace, type TraceListener, type TraceSink } from './trace/trace.ts';
export { AxisError, axisValues } from './experiments/axis.ts';
export { Grid, isOf, share, type Axis, type Shard } from './experiments/grid.ts';
export { statistics, type Statistics } from './experiments/statistics.ts';
