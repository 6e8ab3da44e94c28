/*
 * Faults that a scenario injects at given instants.
 */
import { IrqLine } from '../../models/irq/line.ts';
import { Task } from '../../models/sched/task.ts';
import { signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import type { Context } from '../../models/context.ts';
import { EV } from '../../models/events.ts';
import type { Fault } from '../load/index.ts';
import type { ActorFactory } from './actors.ts';
import { FaultError } from './error.ts';
import type { Injector } from './injector.ts';
import type { World } from './world.ts';

export class Faults {
  private readonly world: World;
  private readonly injector: Injector;
  private readonly factory: ActorFactory;
  /** Allocations that are to fail, by actor. */
  private readonly failing = new Map<string, number>();

  constructor(world: World, injector: Injector, factory: ActorFactory) {
    this.world = world;
    this.injector = injector;
    this.factory = factory;
  }

  /** `targets`: the actor that the fault names, or all its copies. */
  arm(fault: Fault, targets: readonly string[]): void {
    for (const target of targets) this.armOne(fault, target);
  }

  /** @throws FaultError if the fault cannot strike such an actor, before anything runs */
  private armOne(fault: Fault, target: string): void {
    if (fault.kind === 'lost_irq' || fault.kind === 'spurious_irq') this.line(target);
    else if (fault.kind !== 'alloc_fail') this.task(target);
    const act = (at: number, what: (k: Context) => void): void =>
      this.injector.at(at, (k) => {
        const { machine } = this.world;
        if (machine.trace.on) {
          k.cpu.emit(EV.fault, machine.texts.intern(`${fault.kind} ${target}`), NaN);
        }
        what(k);
      });
    switch (fault.kind) {
      case 'signal':
        act(fault.at, (k) => this.signal(k, target, signals[fault.signal]));
        return;
      case 'kill':
        act(fault.at, (k) => this.signal(k, target, signals.SIGKILL));
        return;
      case 'restart':
        act(fault.at, (k) => {
          this.signal(k, target, signals.SIGKILL);
          this.factory.restart(k.cpu, target);
        });
        return;
      case 'stall':
        act(fault.at, (k) => this.signal(k, target, signals.SIGSTOP));
        act(fault.at + fault.for, (k) => this.signal(k, target, signals.SIGCONT));
        return;
      case 'alloc_fail':
        act(fault.at, () => this.failAllocations(target, fault.count));
        return;
      case 'lost_irq':
        act(fault.at, () => void (this.line(target).toLose += fault.count));
        return;
      case 'spurious_irq':
        for (let n = 0; n < fault.count; n++) act(fault.at, (k) => k.cpu.raise(this.line(target)));
    }
  }

  private signal(k: Context, target: string, sig: number): void {
    send_sig(k.cpu, sig, this.task(target));
  }

  private task(target: string): Task {
    const task = this.world.actor(target);
    if (task instanceof Task) return task;
    throw new FaultError(`${target} is no task: it cannot be signalled, stopped or restarted`);
  }

  private line(target: string): IrqLine {
    const line = this.world.actor(target);
    if (line instanceof IrqLine) return line;
    throw new FaultError(`${target} is no interrupt line`);
  }

  private failAllocations(target: string, count: number): void {
    this.failing.set(target, (this.failing.get(target) ?? 0) + count);
    const { machine, net } = this.world;
    net.netlink.memory.fails = () => {
      const actor = machine.active?.top.actor ?? '';
      const left = this.failing.get(actor) ?? 0;
      if (left > 0) this.failing.set(actor, left - 1);
      return left > 0;
    };
  }
}
