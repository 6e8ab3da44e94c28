/*
 * Has schedules run by the workers at a queue. What learns from all schedules before it is run
 * here, in a thread: a worker that goes away would take what it has learnt with it.
 */
import { LocalCrew, inOrder, type Answer, type Crew } from '../explore/crew.ts';
import type { Order } from '../explore/order.ts';
import { isPinned, type Completed, type Outcome } from '../explore/searcher.ts';
import type { Broker } from './broker.ts';
import { Errands } from './errands.ts';
import { handOut } from './hand-out.ts';

const LOOK_MS = 500;
/** In a slice. */
const PIECES = 64;

export class QueueCrew implements Crew {
  /** Long beside the way to a worker and back. */
  readonly sliceMs = 1000;
  workers = 0;
  private readonly order: Order;
  private readonly errands: Errands;
  private readonly here: LocalCrew;
  private readonly timer: NodeJS.Timeout;

  private constructor(order: Order, errands: Errands) {
    this.order = order;
    this.errands = errands;
    this.here = new LocalCrew(order, 1);
    const look = (): void =>
      void errands.workers().then(
        (workers) => (this.workers = workers),
        () => {},
      );
    this.timer = setInterval(look, LOOK_MS);
  }

  /** @param version of Lockstep */
  static async of(broker: Broker, version: string, order: Order): Promise<QueueCrew> {
    return new QueueCrew(order, await Errands.of(broker, version, { kind: 'explore', order }));
  }

  async run(from: number, to: number): Promise<Answer> {
    const all = Array.from({ length: to - from }, (_, i) => from + i);
    const own = all.filter((number) => isPinned(this.order.options, number));
    const others = all.filter((number) => !isPinned(this.order.options, number));
    const outcomes: (Outcome | Completed)[] = [];
    const [answer] = await Promise.all([
      this.here.runThese(own),
      handOut(this.errands, others.values(), others.length, PIECES, (_, text) => {
        outcomes.push(JSON.parse(text) as Outcome | Completed);
      }),
    ]);
    return inOrder([answer, outcomes]);
  }

  async dismiss(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.here.dismiss(), this.errands.end()]);
  }
}
