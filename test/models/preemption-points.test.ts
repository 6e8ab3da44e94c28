/*
 * Where a preemptible kernel acts out a reschedule that was asked for with interrupts off: not
 * where they are turned on again, but at the end of the next function that locks. As 6.1 does.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { local_irq_disable, local_irq_enable } from '../../models/cpu/preempt.ts';
import type { KernelName } from '../../models/era.ts';
import { IrqWork, irq_work_queue } from '../../models/irq/irq_work.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { Semaphore, down_trylock, up } from '../../models/locking/semaphore.ts';
import {
  Completion,
  complete,
  completion_done,
  try_wait_for_completion,
} from '../../models/sched/completion.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { sched_setscheduler, set_user_nice } from '../../models/sched/setscheduler.ts';
import type { MachineOptions } from '../../models/machine.ts';
import type { Task } from '../../models/sched/task.ts';
import { WaitQueueHead, waitqueue_active, wake_up } from '../../models/sched/wait.ts';
import { send_sig } from '../../models/signal/send.ts';
import { delay } from '../../models/time/delay.ts';
import { Hrtimer } from '../../models/time/hrtimer.ts';
import { TimerList, del_timer, mod_timer } from '../../models/time/timer.ts';
import { Lab, US, just, sleep } from './lab.ts';

type Act = (
  k: Context,
  others: { readonly awake: Task },
) => Code<unknown> | number | boolean | void;

const timer = () =>
  new TimerList(
    'T',
    just(() => {}),
  );

/** `main` wakes a better task with interrupts off, then does `act`: who is first of the two? */
function first(act: Act, kernel: KernelName = 'linux-6.1'): string {
  const lab = new Lab({ kernel });
  const better = lab.task('better', 60, function* (k) {
    lab.note(k, 'better');
    yield 0;
  });
  const main = lab.start('main', 50, function* (k) {
    local_irq_disable(k);
    wake_up_process(k.cpu, better);
    yield* local_irq_enable(k);
    const started = act(k, { awake: main });
    if (typeof started === 'object') yield* started;
    if (k.cpu.preemptionOwed) yield 0;
    lab.note(k, 'main');
    yield* sleep(k, 1);
  });
  return lab.run().log[0]!;
}

describe('is a preemption point', () => {
  it.each<[string, Act]>([
    ['wake_up_process() of a task that is awake', (k, { awake }) => wake_up_process(k.cpu, awake)],
    ['wake_up() of an empty queue', (k) => wake_up(k.cpu, new WaitQueueHead('Q'))],
    ['complete()', (k) => complete(k.cpu, new Completion('X'))],
    ['up()', (k) => up(k, new Semaphore('S', 0))],
    [
      'down_trylock(), whether it gets the semaphore',
      (k) => down_trylock(k, new Semaphore('S', 1)),
    ],
    ['or not', (k) => down_trylock(k, new Semaphore('S', 0))],
    ['mod_timer()', (k) => mod_timer(k.cpu, timer(), 5)],
    [
      'hrtimer_start()',
      (k) =>
        new Hrtimer(
          'H',
          false,
          just(() => {}),
        ).start(k.cpu, 500 * US),
    ],
    ['send_sig() that is ignored', (k, { awake }) => send_sig(k.cpu, 10, awake)],
    [
      'a change of nice that changes nothing',
      (k, { awake }) => sched_setscheduler(k.cpu, awake, { policy: 'SCHED_FIFO', rtPriority: 50 }),
    ],
    ['a delay', (k) => delay(k, 10 * US)],
  ])('%s', (_name, act) => {
    expect(first(act)).toBe('better');
  });
});

describe('is none', () => {
  it.each<[string, Act]>([
    ['waitqueue_active()', (_k) => waitqueue_active(new WaitQueueHead('Q'))],
    [
      'try_wait_for_completion() in vain',
      (k) => try_wait_for_completion(k.cpu, new Completion('X')),
    ],
    ['completion_done() before it is', (k) => completion_done(k.cpu, new Completion('X'))],
    ['del_timer() of a timer that is not pending', (k) => del_timer(k.cpu, timer())],
    [
      'tasklet_schedule(), which wakes ksoftirqd with interrupts off',
      (k) =>
        tasklet_schedule(
          k.cpu,
          new Tasklet(
            'T',
            just(() => {}),
          ),
        ),
    ],
  ])('%s', (_name, act) => {
    expect(first(act)).toBe('main');
  });

  it('a delay before 2.6.27', () => {
    expect(first((k) => delay(k, 10 * US), 'linux-2.6.24')).toBe('main');
  });
});

it('mod_timer() to the same time locks nothing', () => {
  const again: Act = function* (k) {
    const t = timer();
    t.expires = 5;
    k.cpu.timers.add(t);
    mod_timer(k.cpu, t, 5);
    yield* [];
  };
  expect(first(again)).toBe('main');
});

it('an interrupt that its own CPU raises finds preemption off', () => {
  const lab = new Lab();
  const counts: number[] = [];
  const work = new IrqWork(
    'I',
    just((k) => void counts.push(k.cpu.preempt_count & 0xff)),
  );
  lab.start('main', 50, function* (k) {
    yield* irq_work_queue(k, work);
    counts.push(k.cpu.preempt_count);
  });
  lab.run();
  expect(counts).toEqual([1, 0]);
});

it('set_user_nice() of a real-time task changes nothing that shows', () => {
  const lab = new Lab();
  const task = lab.task('a', 50, function* () {
    yield 0;
  });
  set_user_nice(lab.machine.cpus[0]!, task, 5);
  expect([task.policy, task.prio, task.nice]).toEqual(['SCHED_FIFO', 49, 5]);
});

it('a delay ends by the clock, whatever interrupts it; work takes time of its own', () => {
  const ends = (act: (k: Context) => Code): number => {
    const lab = new Lab();
    const line = lab.irq('I', function* () {
      yield 30 * US;
    });
    lab.irqAt(50 * US, line);
    let end = 0;
    lab.start('main', 50, function* (k) {
      yield* act(k);
      end = k.machine.sim.now;
    });
    lab.run(3);
    return end;
  };
  expect(ends((k) => delay(k, 100 * US))).toBe(100 * US);
  const work = function* (): Code {
    yield 100 * US;
  };
  expect(ends(work)).toBe(130 * US);
});

it('a thread that ends lets others of its priority go first under full, in 6.1', () => {
  const sent = (options: Partial<MachineOptions>): number => {
    const lab = new Lab(options);
    let result = NaN;
    const ended = lab.task('ended', 50, function* () {
      yield 0;
    });
    const other = lab.task('other', 50, function* (k) {
      result = send_sig(k.cpu, 10, ended);
      yield 0;
    });
    for (const task of [ended, other]) wake_up_process(lab.machine.cpus[0]!, task);
    lab.run();
    return result;
  };
  expect(sent({ preemption: 'full' })).toBe(0);
  expect(sent({ preemption: 'none' })).toBe(-3);
  expect(sent({ preemption: 'full', kernel: 'linux-6.12' })).toBe(-3);
});

it('ksoftirqd sleeps before it gives way, since 3.7', () => {
  const state = (kernel: KernelName): boolean => {
    const lab = new Lab({ kernel });
    const better = lab.task('better', 50, function* (k) {
      lab.note(k, k.cpu.ksoftirqd!.on_rq ? 'runnable' : 'asleep');
      yield 0;
    });
    const tasklet = new Tasklet(
      'T',
      just((k) => void wake_up_process(k.cpu, better)),
    );
    lab.start('main', 60, function* (k) {
      tasklet_schedule(k.cpu, tasklet);
      yield* sleep(k, 1);
    });
    return lab.run().log[0] === 'asleep';
  };
  expect(state('linux-6.1')).toBe(true);
  expect(state('linux-2.6.32')).toBe(false);
});
