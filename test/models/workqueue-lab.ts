/* A lab with workqueues, and works that log when they run. */
import type { Code, Context } from '../../models/context.ts';
import { DelayedWork, Work, type Workqueue } from '../../models/workqueue/work.ts';
import { alloc_workqueue, type WorkqueueFlavour } from '../../models/workqueue/workqueue.ts';
import { Lab, sleep } from './lab.ts';

type Function = (k: Context) => Code;

export class WorkLab extends Lab {
  queue(flavour: WorkqueueFlavour = 'percpu', max_active = 0): Workqueue {
    return alloc_workqueue(this.machine, 'Q', flavour, max_active);
  }

  /** Logs its name, then does what `func` says. */
  work(name: string, func: Function = nothing): Work {
    const { log } = this;
    return new Work(name, function* (k) {
      log.push(name);
      yield* func(k);
    });
  }

  /** Logs `name`, sleeps so many jiffies, logs `name.`. */
  sleeper(name: string, jiffies: number): Work {
    const { log } = this;
    return this.work(name, function* (k) {
      yield* sleep(k, jiffies);
      log.push(`${name}.`);
    });
  }

  /** Logs its name with jiffies. */
  delayed(name: string): DelayedWork {
    const at = (): void => this.at(name);
    return new DelayedWork(name, function* () {
      at();
      yield 0;
    });
  }
}

function* nothing(): Code {
  yield 0;
}
