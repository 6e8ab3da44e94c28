/*
 * Use of what is gone, or not there yet: memory (mm/kasan/report_generic.c), what it contains
 * (lib/debugobjects.c), and the task of a kernel thread that was stopped. Functions are the actors.
 */
import { Interest } from '../../engine/index.ts';
import { EV } from '../events.ts';
import { HOOK } from '../hooks.ts';
import { ORDER } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import type { Detector } from './detectors.ts';
import type { FindingKind } from './findings.ts';
import { described, siteOn, type Site } from './site.ts';

/** What is known of an allocation. */
interface Memory {
  allocated: Site | null;
  freed: Site | null;
}

/** A timer, work or tasklet is armed or queued. */
type Active = 'timer_list' | 'work_struct' | 'tasklet_struct';

export const lifetime: Detector = {
  hears: new Interest([
    HOOK.mem_alloc,
    HOOK.mem_free,
    HOOK.mem_use,
    HOOK.debug_check,
    HOOK.kthread_stop,
    HOOK.kthread_gone,
    HOOK.release,
    EV.timer_start,
    EV.timer_cancel,
    EV.timer_expire_entry,
    EV.workqueue_queue_work,
    EV.workqueue_execute_start,
    EV.tasklet_entry,
  ]),

  create(machine) {
    const detector = new Lifetime(machine);
    return (_time, cpu, _context, _pid, _comm, _flags, event, object, _value, a) => {
      switch (event) {
        case HOOK.mem_alloc:
          detector.allocate(cpu, object);
          break;
        case HOOK.mem_free:
          detector.free(cpu, object);
          break;
        case HOOK.mem_use:
          detector.use(cpu, object);
          break;
        case HOOK.debug_check:
          detector.checkContained(cpu, object);
          break;
        case HOOK.kthread_stop:
          detector.stop(cpu, object, a);
          break;
        case HOOK.kthread_gone:
          detector.gone(cpu, a);
          break;
        case EV.timer_start:
          detector.active.set(object, 'timer_list');
          break;
        case EV.workqueue_queue_work:
          detector.active.set(object, 'work_struct');
          break;
        case HOOK.release:
          if (a === ORDER.tasklet) detector.active.set(object, 'tasklet_struct');
          break;
        case EV.timer_cancel:
        case EV.timer_expire_entry:
        case EV.workqueue_execute_start:
        case EV.tasklet_entry:
          detector.active.delete(object);
      }
    };
  },
};

class Lifetime {
  readonly active = new Map<number, Active>();
  private readonly machine: Machine;
  private readonly memory = new Map<number, Memory>();
  private readonly stopped = new Map<number, Site>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  allocate(cpu: number, object: number): void {
    const known = this.memory.get(object);
    this.memory.set(object, { allocated: siteOn(this.machine, cpu), freed: null });
    if (known !== undefined && known.freed === null) this.lost(cpu, object, known);
  }

  /** The pointer to the first allocation is overwritten: nobody can free that any more. */
  private lost(cpu: number, object: number, { allocated }: Memory): void {
    this.report(cpu, 'leak', `unreferenced object ${this.name(object)}`, object, [
      ['Allocated', allocated],
    ]);
  }

  free(cpu: number, object: number): void {
    const known = this.memory.get(object);
    if (known === undefined) return;
    if (known.freed === null) {
      known.freed = siteOn(this.machine, cpu);
      return;
    }
    this.reportBad(cpu, 'double-free', 'double-free', object, known);
  }

  use(cpu: number, object: number): void {
    const known = this.memory.get(object);
    if (known === undefined) {
      const text = 'BUG: kernel NULL pointer dereference, address: 0000000000000000';
      this.report(cpu, 'use-before-init', text, object, []);
    } else if (known.freed !== null) {
      this.reportBad(cpu, 'use-after-free', 'slab-use-after-free', object, known);
    }
  }

  /** debug_check_no_obj_freed() */
  checkContained(cpu: number, object: number): void {
    const type = this.active.get(object);
    if (type === undefined) return;
    const name = this.name(object);
    const text = `ODEBUG: free active (active state 0) object type: ${type} hint: ${name}`;
    this.report(cpu, 'use-after-free', text, object, []);
  }

  /** Stopped once already: then nobody holds its task_struct any more. */
  stop(cpu: number, object: number, pid: number): void {
    const freed = this.stopped.get(pid);
    if (freed === undefined) return;
    const text = 'BUG: KASAN: slab-use-after-free in kthread_stop';
    this.report(cpu, 'use-after-free', text, object, [['Freed', freed]]);
  }

  gone(cpu: number, pid: number): void {
    this.stopped.set(pid, siteOn(this.machine, cpu));
  }

  private reportBad(
    cpu: number,
    kind: FindingKind,
    bug: string,
    object: number,
    { allocated, freed }: Memory,
  ): void {
    const text = `BUG: KASAN: ${bug} in ${siteOn(this.machine, cpu).actor}`;
    this.report(cpu, kind, text, object, [
      ['Allocated', allocated],
      ['Freed', freed],
    ]);
  }

  private report(
    cpu: number,
    kind: FindingKind,
    text: string,
    object: number,
    history: readonly (readonly [string, Site | null])[],
  ): void {
    const here = siteOn(this.machine, cpu);
    const name = this.name(object);
    const known = history.filter(([, site]) => site !== null && site.line > 0);
    this.machine.findings.report(this.machine.cpus[cpu]!, kind, text, {
      objects: [name],
      actors: [...new Set([here, ...known.map(([, site]) => site!)].map(({ actor }) => actor))],
      places: [...known.map(([, site]) => site!), here].map(({ actor, line }) => ({ actor, line })),
      lines: [
        `Access of ${name} by task ${here.comm}/${here.pid}`,
        ...known.flatMap(([what, site]) => described(what, site!)),
      ],
    });
  }

  private name(object: number): string {
    return this.machine.texts.text(object);
  }
}
