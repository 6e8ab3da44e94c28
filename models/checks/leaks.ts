/*
 * What nobody has a pointer to any more when all has ended (mm/kmemleak.c): memory and socket
 * buffers that were allocated and neither freed nor queued. And messages that did not fit into a
 * queue without anybody asking for that, though the reader was told (-ENOBUFS).
 */
import { Interest } from '../../engine/index.ts';
import { EV } from '../events.ts';
import { HOOK } from '../hooks.ts';
import type { Machine } from '../machine.ts';
import type { Detector } from './detectors.ts';
import { siteOn, type Site } from './site.ts';

/** sizeof(struct sk_buff) of 6.1. */
const SKB_SIZE = 232;

export const leaks: Detector = {
  hears: new Interest([
    HOOK.mem_alloc,
    HOOK.mem_free,
    HOOK.skb_alloc,
    HOOK.skb_queued,
    HOOK.skb_dequeued,
    HOOK.queue_overrun,
    HOOK.queue_drops,
    HOOK.end,
    EV.kfree_skb,
    EV.consume_skb,
    EV.netlinkOverrun,
  ]),

  create(machine) {
    const detector = new Leaks(machine);
    const { buffers, memory, lost } = detector;
    return (_time, cpu, _context, _pid, _comm, _flags, event, object, value, a) => {
      switch (event) {
        case HOOK.mem_alloc:
          memory.set(object, { site: siteOn(machine, cpu), size: a });
          break;
        case HOOK.mem_free:
          memory.delete(object);
          break;
        case HOOK.skb_alloc:
        case HOOK.skb_dequeued:
          buffers.set(a, siteOn(machine, cpu));
          break;
        case HOOK.skb_queued:
          buffers.delete(a);
          break;
        case EV.kfree_skb:
        case EV.consume_skb:
          buffers.delete(value);
          break;
        case EV.netlinkOverrun:
          // Who was told that the queue is full knows that more is lost until it was drained.
          if (a !== 0) detector.loses(object, cpu);
          break;
        case HOOK.queue_overrun:
          detector.loses(object, cpu);
          break;
        case HOOK.queue_drops:
          lost.delete(object);
          break;
        case HOOK.end:
          detector.report();
      }
    };
  },
};

interface Loss {
  readonly count: number;
  /** Of the latest message. */
  readonly site: Site;
}

interface Allocation {
  readonly site: Site;
  readonly size: number;
}

class Leaks {
  /** By the ids of buffers: who has each. */
  readonly buffers = new Map<number, Site>();
  /** By the text ids of names. What was there before the run has a line of 0, and other owners. */
  readonly memory = new Map<number, Allocation>();
  /** Messages that did not fit since somebody asked, by queue. */
  readonly lost = new Map<number, Loss>();
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A message did not fit into the queue. */
  loses(object: number, cpu: number): void {
    const count = (this.lost.get(object)?.count ?? 0) + 1;
    this.lost.set(object, { count, site: siteOn(this.machine, cpu) });
  }

  report(): void {
    for (const [object, { site, size }] of this.memory) {
      if (site.line > 0) this.unreferenced(this.machine.texts.text(object), size, site);
    }
    for (const [id, site] of this.buffers) this.unreferenced(`skb ${id}`, SKB_SIZE, site);
    for (const [object, loss] of this.lost) this.overrun(this.machine.texts.text(object), loss);
  }

  private unreferenced(name: string, size: number, { actor, line, comm, pid }: Site): void {
    const { findings, cpus } = this.machine;
    findings.report(cpus[0]!, 'leak', `unreferenced object ${name} (size ${size}):`, {
      objects: [name],
      actors: [actor],
      places: [{ actor, line }],
      lines: [`comm "${comm}", pid ${pid}`],
    });
  }

  private overrun(name: string, { count, site: { actor, line } }: Loss): void {
    const { findings, cpus } = this.machine;
    const what = count === 1 ? '1 message was' : `${count} messages were`;
    findings.report(cpus[0]!, 'overrun', `${name}: ${what} lost (ENOBUFS), and nobody looked`, {
      objects: [name],
      actors: [actor],
      places: [{ actor, line }],
    });
  }
}
