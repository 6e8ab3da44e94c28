/* The engine's public face: virtual time, processes, randomness, choice and the trace. */
export { Calendar, NEVER, type Activity } from './calendar.ts';
export { LimitReached, Simulation, type Ending, type SimulationOptions } from './simulation.ts';
export { PARK, Process, type ProcessCode } from './process.ts';
export { Door, type ChoiceKind, type Strategy } from './choice/door.ts';
export { timed } from './choice/timed.ts';
export { replay, ReplayDiverged } from './choice/replay.ts';
export { RandomStreams, RandomStream } from './random/streams.ts';
export { drawer, VARIATE_NS_MAX, type Variate, type WeightedValue } from './random/variates.ts';
export { TextTable, type Texts } from './trace/text-table.ts';
export { Trace, type FormatDetail, type TraceListener, type TraceSink } from './trace/trace.ts';
