/* The engine's public face: virtual time, processes, randomness, choice and the trace. */
export { Calendar, NEVER, type Activity } from './calendar.ts';
export {
  LimitReached,
  Simulation,
  type Ending,
  type SimulationOptions,
} from './simulation.ts';
export { PARK, Process, type ProcessCode } from './process.ts';
export { Door, type ChoiceKind, type Strategy } from './choice/door.ts';
export { timed } from './choice/timed.ts';
export { replay, ReplayDiverged } from './choice/replay.ts';
