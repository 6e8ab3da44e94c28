// Our engine as a participant, from the compiled package: run `npm run build` first.
import { Process, Simulation } from '../../dist/engine/index.js';
import { participate } from './workloads.mjs';

class Ours {
  sim = new Simulation();

  get now() {
    return this.sim.now;
  }

  start(iterator) {
    return Process.spawn(this.sim, iterator);
  }

  wake(process) {
    process.wake();
  }

  after(delay, activity) {
    this.sim.at(this.sim.now + delay, activity);
  }

  run() {
    this.sim.run();
  }
}

participate(new Ours());
