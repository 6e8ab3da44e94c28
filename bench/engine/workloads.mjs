// The work that every engine under measurement does, in JavaScript once for all; peers/ repeats
// it in other languages.
//
//   timers    P processes, each of which sleeps again and again
//   pingpong  two processes that wake each other and never sleep
//   contend   P processes that take one FIFO lock, hold it for a delay and hand it on
//   callback  P objects that schedule themselves again and again, without processes
//
// A delay is 1 to 1,000,000 ns from a linear congruential generator; each process has its own. An
// event is one sleep, one wake-up or one turn with the lock. Two check sums tell whether an
// engine did the same: `sum` over the finishing times, `order` over the order of events, ties
// included.
//
// An engine is { now, start(iterator), wake(process), after(delay, activity), run() }: start
// returns the process; a process yields the nanoseconds to sleep, or PARK; an activity has a
// method fire().

export const PARK = -1;

/** What is measured: workload, number of processes, number of events in a full run. */
export const MEASUREMENTS = [
  { workload: 'timers', processes: 10, events: 2_000_000 },
  { workload: 'timers', processes: 1_000, events: 2_000_000 },
  { workload: 'timers', processes: 100_000, events: 1_000_000 },
  { workload: 'pingpong', processes: 2, events: 5_000_000 },
  { workload: 'contend', processes: 100, events: 2_000_000 },
  { workload: 'callback', processes: 1_000, events: 2_000_000 },
  { workload: 'callback', processes: 100_000, events: 1_000_000 },
];

export const seedOf = (id) => (Math.imul(id, 2654435761) + 12345) >>> 0;
export const nextState = (state) => (Math.imul(state, 1664525) + 1013904223) >>> 0;
export const delayOf = (state) => 1 + ((state >>> 8) % 1_000_000);

export const checks = { order: 0, sum: 0 };
export const noteEvent = (id) => {
  checks.order = (Math.imul(checks.order, 31) + id) >>> 0;
};
export const noteEnd = (time) => {
  checks.sum = (checks.sum + time) >>> 0;
};

/** Each workload prepares the engine for its events and returns what starts them. */
const WORKLOADS = {
  timers(engine, processes, turns) {
    function* timer(id) {
      let state = seedOf(id);
      for (let turn = 0; turn < turns; turn++) {
        state = nextState(state);
        yield delayOf(state);
        noteEvent(id);
      }
      noteEnd(engine.now);
    }
    return startAll(engine, processes, timer);
  },

  pingpong(engine, processes, turns) {
    const handles = [];
    const tables = [
      { ball: true, waiting: false },
      { ball: false, waiting: false },
    ];
    function* player(id) {
      const [mine, theirs] = [tables[id], tables[1 - id]];
      for (let turn = 0; turn < turns; turn++) {
        if (!mine.ball) {
          mine.waiting = true;
          yield PARK;
        }
        mine.ball = false;
        noteEvent(id);
        theirs.ball = true;
        if (theirs.waiting) {
          theirs.waiting = false;
          engine.wake(handles[1 - id]);
        }
      }
      noteEnd(engine.now + id);
    }
    return startAll(engine, processes, player, handles);
  },

  contend(engine, processes, turns) {
    const handles = [];
    const queue = new Fifo(processes);
    let held = false;
    function* contender(id) {
      let state = seedOf(id);
      for (let turn = 0; turn < turns; turn++) {
        if (held) {
          queue.push(id);
          yield PARK;
        } else held = true;
        state = nextState(state);
        yield delayOf(state);
        noteEvent(id);
        if (queue.isEmpty()) held = false;
        else engine.wake(handles[queue.shift()]);
      }
      noteEnd(engine.now);
    }
    return startAll(engine, processes, contender, handles);
  },

  callback(engine, processes, turns) {
    const activities = Array.from(
      { length: processes },
      (_, id) => new Repeating(engine, id, turns),
    );
    return () => {
      for (const activity of activities) activity.schedule();
    };
  },
};

/** Creates the generators at once; starting them is part of what is measured. */
function startAll(engine, processes, code, handles = []) {
  const iterators = Array.from({ length: processes }, (_, id) => code(id));
  return () => {
    for (const iterator of iterators) handles.push(engine.start(iterator));
  };
}

class Repeating {
  constructor(engine, id, turns) {
    this.engine = engine;
    this.id = id;
    this.left = turns;
    this.state = seedOf(id);
  }

  schedule() {
    this.state = nextState(this.state);
    this.engine.after(delayOf(this.state), this);
  }

  fire() {
    noteEvent(this.id);
    if (--this.left === 0) noteEnd(this.engine.now);
    else this.schedule();
  }
}

/** The lock's queue: a ring for as many waiters as there are processes. */
class Fifo {
  constructor(capacity) {
    this.ring = new Int32Array(capacity);
    this.head = 0;
    this.length = 0;
  }

  isEmpty() {
    return this.length === 0;
  }

  push(id) {
    this.ring[(this.head + this.length++) % this.ring.length] = id;
  }

  shift() {
    const id = this.ring[this.head];
    this.head = (this.head + 1) % this.ring.length;
    this.length--;
    return id;
  }
}

/** Turns that each process takes, and the events that all take together. */
export function share(processes, events) {
  const turns = Math.floor(events / processes);
  return { turns, events: turns * processes };
}

/** A JavaScript participant: `node FILE WORKLOAD PROCESSES EVENTS` prints one JSON line. */
export function participate(engine) {
  const [workload, processes, wanted] = process.argv.slice(2);
  const { turns, events } = share(Number(processes), Number(wanted));
  const start = WORKLOADS[workload](engine, Number(processes), turns);
  const begin = performance.now();
  start();
  engine.run();
  const seconds = (performance.now() - begin) / 1000;
  console.log(JSON.stringify({ events, seconds, ...checks }));
}
