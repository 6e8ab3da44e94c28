/*
 * What comes from outside of the machine's programs: a key that is pressed, a fault that is
 * injected. It reaches the machine as an interrupt, on CPU 0 unless it is meant for another, and
 * acts in its handler, as a terminal does when it turns Ctrl+C into a signal.
 */
import type { Activity, Fingerprint, Stateful } from '../../engine/index.ts';
import type { Code, Context } from '../../models/context.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import { EV } from '../../models/events.ts';
import { IrqLine } from '../../models/irq/line.ts';
import type { Machine } from '../../models/machine.ts';

/** After the devices, before the machine's own vectors. */
const INJECTOR = 0xea;

interface Injected {
  readonly number: number;
  readonly act: (k: Context) => void;
}

export class Injector implements Stateful {
  private readonly machine: Machine;
  private readonly ports: readonly Port[];
  private injected = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.ports = machine.cpus.map((cpu) => new Port(cpu));
  }

  /** Lets `act` happen at `time` (ns), in a hard interrupt on that CPU. */
  at(time: number, act: (k: Context) => void, cpu = 0): void {
    const number = ++this.injected;
    const arrival: Activity & Stateful = {
      feed: (into) => into.add(number),
      fire: () => this.ports[cpu]!.raise({ number, act }),
    };
    if (time === 0) this.machine.sim.ready(arrival);
    else this.machine.sim.at(time, arrival);
  }

  feed(into: Fingerprint): void {
    for (const port of this.ports) port.feed(into);
  }
}

/** Where it reaches one CPU. */
class Port implements Stateful {
  private readonly cpu: Cpu;
  private readonly line: IrqLine;
  private readonly due: Injected[] = [];

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.line = new IrqLine({
      name: 'injector',
      number: INJECTOR,
      handler: (k) => this.interrupt(k),
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
      disabled: true,
    });
  }

  raise(injected: Injected): void {
    this.due.push(injected);
    this.cpu.raise(this.line);
  }

  feed(into: Fingerprint): void {
    into.add(this.due.length);
    for (const { number } of this.due) into.add(number);
  }

  private *interrupt(k: Context): Code {
    for (const { act } of this.due.splice(0)) act(k);
    yield 0;
  }
}
