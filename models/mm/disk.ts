/*
 * Reading a page from the disk: the task sleeps uninterruptibly until the disk's interrupt says
 * that the page is there (filemap_fault and do_swap_page, which wait for the page's lock). The
 * disk serves any number of requests at the same time.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { EV } from '../events.ts';
import { IrqLine } from '../irq/line.ts';
import type { Machine } from '../machine.ts';
import { wake_up_process } from '../sched/core.ts';
import { TASK_RUNNING, TASK_UNINTERRUPTIBLE, type Task } from '../sched/task.ts';

/** The line of the first IDE channel. */
const DISK_IRQ = 14;

interface Request {
  readonly task: Task;
  done: boolean;
}

class Disk {
  private readonly machine: Machine;
  private readonly line: IrqLine;
  /** What the next interrupt reports. */
  private readonly finished: Request[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    this.line = new IrqLine({
      name: 'disk',
      number: DISK_IRQ,
      handler: (k) => this.interrupt(k),
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
    });
    machine.irqLines.push(this.line);
  }

  *read(k: Context): Code {
    const { sim, costs } = this.machine;
    const request: Request = { task: k.current, done: false };
    const finish = (): void => {
      this.finished.push(request);
      this.machine.cpus[0]!.raise(this.line);
    };
    sim.at(sim.now + Math.max(1, costs.page_in), { fire: finish });
    while (!request.done) {
      request.task.state = TASK_UNINTERRUPTIBLE;
      request.task.waitingFor = 'disk';
      yield SCHEDULE;
    }
    request.task.state = TASK_RUNNING;
  }

  private *interrupt(k: Context): Code {
    for (const request of this.finished.splice(0)) {
      request.done = true;
      wake_up_process(k.cpu, request.task);
    }
    yield 0;
  }
}

const disks = new WeakMap<Machine, Disk>();

/** Sleeps until a page has come from the disk. */
export function page_in(k: Context): Code {
  let disk = disks.get(k.machine);
  if (disk === undefined) disks.set(k.machine, (disk = new Disk(k.machine)));
  return disk.read(k);
}
