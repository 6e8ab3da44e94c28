/* Bug catalogues: what their programs become, and what the runner says of them. */
import { describe, expect, it } from 'vitest';
import type {
  CatalogueActor,
  CatalogueEntry,
  CatalogueProgram,
  CatalogueStep,
} from '../../../scenarios/conformance/catalogue-entry.ts';
import { repaired } from '../../../scenarios/conformance/catalogue-entry.ts';
import { scenarioOf } from '../../../scenarios/conformance/catalogue-scenario.ts';
import { catalogueFormat } from '../../../scenarios/conformance/catalogue.ts';
import { loadText } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';

type Context = CatalogueActor['ctx'];

function actor(name: string, ctx: Context, steps: CatalogueStep[], more = {}): CatalogueActor {
  return { name, ctx, steps, ...more };
}

/** The actors of the scenario that the program becomes, which must load. */
function actorsOf(program: CatalogueProgram): Record<string, Record<string, unknown>> {
  const data = scenarioOf('program', program);
  expect(loadText('program', JSON.stringify(data), registry)).toMatchObject({ ok: true });
  return data['actors'] as Record<string, Record<string, unknown>>;
}

function steps(ofActor: CatalogueStep[], more: Partial<CatalogueProgram> = {}): unknown {
  return actorsOf({ ...more, actors: [actor('t', 'kthread', ofActor), ...(more.actors ?? [])] })[
    't'
  ]!['steps'];
}

describe('the actors of a catalogued program', () => {
  it('have a CPU each unless they say which', () => {
    const made = actorsOf({
      actors: [
        actor('a', 'kthread', ['yield']),
        actor('b', 'user', ['yield'], { cpu: 0 }),
        actor('c', 'user', ['yield']),
      ],
    });
    expect(Object.values(made).map(({ cpu }) => cpu)).toEqual([1, 0, 2]);
  });

  it('are preempted where tasks share a CPU', () => {
    const shared = [actor('a', 'kthread', ['yield'], { cpu: 0 })];
    const machine = scenarioOf('p', {
      actors: [...shared, actor('b', 'kthread', ['yield'], { cpu: 0 })],
    })['machine'];
    expect(machine).toEqual({ cpus: 1, preemption: 'full' });
    expect(scenarioOf('p', { actors: shared })['machine']).toEqual({ cpus: 1 });
  });

  it('are raised by an interrupt that comes at any step if they are softirqs', () => {
    const made = actorsOf({ actors: [actor('rx', 'softirq', ['yield'], { cpu: 0 })] });
    expect(made['rx-irq']).toMatchObject({
      kind: 'irq',
      arrivals: { at: ['0s'] },
      steps: ['raise_softirq NET_RX'],
    });
    expect(made['rx']).toMatchObject({ kind: 'softirq', vector: 'NET_RX' });
  });

  it('stand for the timers, works and lines whose handlers they are', () => {
    const made = actorsOf({
      objects: { T: 'timer:pending', W: 'work', I: 'softirq:pending' },
      rearm: true,
      actors: [
        actor('tm', 'timer', ['yield'], { cpu: 0, on: 'T' }),
        actor('wk', 'work', ['yield'], { cpu: 2, on: 'W' }),
        actor('irq', 'hardirq', ['queue_work W'], { cpu: 0, on: 'I' }),
        actor('rm', 'user', ['del_timer T $r', 'free_irq I', 'cancel_work_sync W'], { cpu: 1 }),
      ],
    });
    expect(made['tm']).toMatchObject({ kind: 'timer', start: true });
    expect(made['wk']).toMatchObject({ kind: 'work', cpu: 2 });
    expect(made['wk']).not.toHaveProperty('start');
    expect(made['irq']).toMatchObject({
      kind: 'irq',
      arrivals: { every: '1us', count: 2 },
      steps: ['schedule_work_on 2 wk'],
    });
    expect(made['rm']!['steps']).toEqual([
      'del_timer tm -> r',
      'free_irq irq',
      'cancel_work_sync wk',
    ]);
  });

  it('stay where they were when they are repaired', () => {
    const entry: CatalogueEntry = {
      name: 'n',
      expect: { kind: 'assertion' },
      bug: { actors: [actor('a', 'kthread', ['x = 1'], { cpu: 3 })], vars: { x: 0 } },
      fixed: { actors: [actor('a', 'kthread', ['x = 2'])], objects: { L: 'spinlock' } },
    };
    expect(repaired(entry)).toMatchObject({
      objects: { L: 'spinlock' },
      vars: { x: 0 },
      actors: [{ name: 'a', cpu: 3, steps: ['x = 2'] }],
    });
    expect(repaired({ ...entry, fixed: { note: 'another way' } })).toBeNull();
  });
});

describe('the steps of a catalogued program', () => {
  it('get the limit that a wait lacks, and keep what it returns', () => {
    const objects = { q: 'waitqueue', L: 'spinlock' };
    const vars = { c: 0 };
    const made = steps(
      [
        'interruptible_sleep_on_timeout q $left',
        'wait_event_timeout q c == 1 $left',
        'wait_event q c == 1',
        'spin_trylock L $got',
      ],
      { objects, vars },
    );
    expect(made).toEqual([
      'interruptible_sleep_on_timeout q 100 $left',
      'wait_event_timeout q c == 1 100 -> left',
      'wait_event q c == 1',
      'spin_trylock L -> got',
    ]);
  });

  it('may have a condition in the same line, and sleep until they are called', () => {
    const waker = actor('k', 'kthread', ['if $s == 1 wake', 'wake w', 'if $s > -1 x = 2']);
    const sleeper = actor('w', 'kthread', ['READ_ONCE x $c', 'if $c == 0 sleep']);
    const made = scenarioOf('n', { vars: { x: 0 }, actors: [sleeper, waker] }, 'tso');
    expect(made).toMatchObject({
      machine: { memory: 'tso' },
      objects: { called_w: 'completion' },
      actors: {
        w: { steps: ['READ_ONCE x $c', { if: '$c == 0', then: ['wait_for_completion called_w'] }] },
        k: {
          steps: [
            { if: '$s == 1', then: ['complete called_w'] },
            'complete called_w',
            { if: '$s > -1', then: ['x = 2'] },
          ],
        },
      },
    });
  });

  it('sleep exclusively where somebody wakes exactly one', () => {
    const objects = { q: 'waitqueue' };
    const waker = actor('w', 'kthread', ['wake_up_one q', 'wake_up q']);
    const program = { objects, actors: [waker] };
    expect(steps(['prepare_to_wait q', 'schedule', 'finish_wait q'], program)).toEqual([
      'prepare_to_wait_exclusive q',
      'schedule',
      'finish_wait q',
    ]);
    const made = actorsOf({ ...program, actors: [waker, actor('t', 'user', ['yield'])] });
    expect(made['w']!['steps']).toEqual(['wake_up q', 'wake_up_all q']);
  });

  it('stop a thread as the kernel does if they also wait for its end', () => {
    const kt = actor('kt', 'kthread', ['yield']);
    const both = ['kthread_stop kt', 'kthread_join kt'];
    expect(steps(both, { actors: [kt] })).toEqual(['kthread_stop kt']);
    expect(steps([both[0]!, 'yield', both[1]!], { actors: [kt] })).toEqual([
      'requestStop kt',
      'nop',
      'waitForEnd kt',
    ]);
  });

  it('name the subclass of a lock that has one', () => {
    const more = {
      objects: { I1: 'mutex', I2: 'mutex' },
      classes: { I1: 'inode/0', I2: 'inode/1' },
    };
    expect(steps(['mutex_lock I1', 'mutex_lock I2', 'mutex_unlock I2'], more)).toEqual([
      'mutex_lock I1',
      'mutex_lock_nested I2 1',
      'mutex_unlock I2',
    ]);
  });

  it('back off in a loop that the catalogue tells in prose', () => {
    const prose = ['loop', 'spin_lock A', 'spin_trylock B', 'unlock-all on failure', 'retry'];
    const objects = { A: 'spinlock', B: 'spinlock' };
    expect(steps(prose, { objects })).toEqual([
      '$got = 0',
      {
        while: '$got == 0',
        do: ['spin_lock A', 'spin_trylock B -> got', { if: '$got == 0', then: ['spin_unlock A'] }],
      },
      'spin_unlock B',
      'spin_unlock A',
    ]);
  });
});

describe('the runner', () => {
  const lostUpdate: CatalogueEntry = {
    id: 'X1',
    name: 'lost-update',
    expect: { kind: 'assertion', also: ['data-race'] },
    bug: {
      objects: { L: 'spinlock' },
      vars: { c: 0 },
      finally: ['c == 2'],
      actors: ['a', 'b'].map((name) => actor(name, 'kthread', ['$x = c', 'c = $x + 1'])),
    },
    fixed: {
      actors: ['a', 'b'].map((name) =>
        actor(name, 'kthread', ['spin_lock L', '$x = c', 'c = $x + 1', 'spin_unlock L']),
      ),
    },
  };

  it('finds the bug and nothing in its twin, in a catalogue or alone', () => {
    const passed = [
      { name: 'X1 lost-update', difference: null },
      { name: 'X1 lost-update (fixed)', difference: null },
    ];
    for (const json of [lostUpdate, { format: 1, bugs: [lostUpdate] }]) {
      expect(catalogueFormat.recognises(json)).toBe(true);
      expect(catalogueFormat.run(json)).toEqual(passed);
    }
  });

  it('says what was found in place of what was expected', () => {
    const entry = { ...lostUpdate, expect: { kind: 'deadlock' as const }, fixed: lostUpdate.bug };
    const [bug, twin] = catalogueFormat.run(entry);
    expect(bug!.difference).toMatch(/no deadlock in \d+ schedules\n[^]*assertion/);
    expect(twin!.difference).toMatch(/expected no finding\n/);
  });

  it('says where a program cannot be read', () => {
    const actors = [actor('a', 'kthread', ['spin_lokc L'])];
    const [outcome] = catalogueFormat.run({ ...lostUpdate, bug: { actors } });
    expect(outcome!.difference).toContain("unknown function 'spin_lokc'");
  });

  it('leaves other files to others', () => {
    for (const json of [null, 1, {}, { bugs: [] }, { bugs: [{}] }, { name: 'x', bug: 1 }]) {
      expect(catalogueFormat.recognises(json)).toBe(false);
    }
  });
});
