/*
 * The skeleton of a driver: a device puts a byte into a ring and interrupts; a reader waits for it;
 * an ioctl looks at a counter that the interrupt changes. Each choice below can be made wrong.
 */
import { step, type ProgramDefinition } from 'lockstep';
import {
  interruptible_sleep_on,
  spin_lock,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_irqrestore,
  Spinlock,
  wait_event_interruptible,
  WaitQueueHead,
  wake_up_interruptible,
} from 'lockstep/models';

export interface Variant {
  /** How the reader waits: `test, then sleep_on` loses a wake-up that comes between the two. */
  readonly waiting: 'wait_event' | 'test, then sleep_on';
  /** How the ioctl takes the lock: with interrupts on, the handler may spin for its own CPU. */
  readonly locking: 'spin_lock_irqsave' | 'spin_lock';
  /** What the handler writes first: once the index is there, the reader takes the slot. */
  readonly publishing: 'data first' | 'index first';
}

export const REPAIRED: Variant = {
  waiting: 'wait_event',
  locking: 'spin_lock_irqsave',
  publishing: 'data first',
};

const BYTE = 0x42;

export function ringBuffer(variant: Variant): ProgramDefinition {
  const { waiting, locking, publishing } = variant;
  return {
    name: `ring-buffer: ${waiting}, ${locking}, ${publishing}`,
    cpus: 2,
    setup(system) {
      const slot = system.shared('slot');
      const head = system.shared('head');
      const received = system.shared('received');
      const lock = system.add(new Spinlock('lock'));
      const readers = system.add(new WaitQueueHead('readers'));
      let read = -1;

      system.irq(
        'device',
        function* (k) {
          if (publishing === 'data first') yield* slot.write(k, BYTE);
          yield* head.write(k, 1);
          if (publishing === 'index first') yield* slot.write(k, BYTE);
          yield* spin_lock(k, lock);
          yield* received.write(k, (yield* received.read(k)) + 1);
          yield* spin_unlock(k, lock);
          yield* step(k, 'wake_up_interruptible readers', readers);
          wake_up_interruptible(k.cpu, readers);
        },
        { cpu: 0, times: 1 },
      );

      system.kthread(
        'reader',
        function* (k) {
          if (waiting === 'wait_event') {
            yield* step(k, 'wait_event_interruptible readers', readers, head);
            yield* wait_event_interruptible(k, readers, () => head.value > 0);
          } else if ((yield* head.read(k)) === 0) {
            yield* step(k, 'interruptible_sleep_on readers', readers);
            yield* interruptible_sleep_on(k, readers);
          }
          read = yield* slot.read(k);
        },
        { cpu: 1 },
      );

      system.kthread(
        'ioctl',
        function* (k) {
          if (locking === 'spin_lock') {
            yield* spin_lock(k, lock);
            yield* received.read(k);
            yield* spin_unlock(k, lock);
          } else {
            const flags = yield* spin_lock_irqsave(k, lock);
            yield* received.read(k);
            yield* spin_unlock_irqrestore(k, lock, flags);
          }
        },
        { cpu: 0 },
      );

      system.finally('the reader has read the byte', () => read === BYTE);
    },
  };
}
