// The workloads of ../workloads.mjs on simjs, which has no processes: entities with callbacks. The
// package is a browser bundle that assigns window.Sim.
import { createRequire } from 'node:module';
import { checks, delayOf, nextState, noteEnd, noteEvent, seedOf, share } from '../workloads.mjs';

globalThis.window = globalThis;
const exported = createRequire(import.meta.url)('simjs');
const { Sim, Entity, Facility, Event: SimEvent } = globalThis.Sim ?? exported;

const [workload, processes, wanted] = process.argv.slice(2);
const { turns, events } = share(Number(processes), Number(wanted));
const lock = new Facility('lock');
const balls = [new SimEvent('first'), new SimEvent('second')];

class Sleeper extends Entity {
  start(id) {
    this.id = id;
    this.left = turns;
    this.state = seedOf(id);
    this.next();
  }

  next() {
    this.state = nextState(this.state);
    this.request(delayOf(this.state)).done(this.fire, this);
  }

  request(delay) {
    return this.setTimer(delay);
  }

  fire() {
    noteEvent(this.id);
    if (--this.left === 0) noteEnd(this.time());
    else this.next();
  }
}

class Contender extends Sleeper {
  request(delay) {
    return this.useFacility(lock, delay);
  }
}

class Player extends Entity {
  start(id) {
    this.id = id;
    this.left = turns;
    this.next();
  }

  next() {
    this.waitEvent(balls[this.id]).done(this.fire, this);
  }

  fire() {
    noteEvent(this.id);
    if (--this.left === 0) noteEnd(this.time() + this.id);
    else this.next();
    // Event.fire() calls its waiters before it returns: without the timer the stack overflows.
    this.setTimer(0).done(() => balls[1 - this.id].fire());
  }
}

const CLASSES = { timers: Sleeper, callback: Sleeper, contend: Contender, pingpong: Player };

const sim = new Sim();
for (let id = 0; id < Number(processes); id++) sim.addEntity(CLASSES[workload], `p${id}`, id);
if (workload === 'pingpong') balls[0].fire();
const begin = performance.now();
sim.simulate(Infinity, Infinity);
const seconds = (performance.now() - begin) / 1000;
console.log(JSON.stringify({ events, seconds, ...checks }));
