/*
 * Small programs with known state spaces: the catalogue's classics that were also modelled for
 * SPIN. Each as it is wrong, and as it is right.
 */
import { loadText, type LoadedScenario } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';

/** A scenario of kernel threads (unless it says otherwise) on CPUs of their own. */
export interface Text {
  readonly cpus?: number;
  readonly preemption?: string;
  readonly objects?: string;
  readonly vars?: string;
  readonly finally?: string;
  readonly actors: Readonly<Record<string, string>>;
}

/** An actor: `kind`, more fields after it, then its steps, one a line. */
export function scenarioText({ cpus, preemption, objects, vars, actors, ...rest }: Text): string {
  const names = Object.keys(actors);
  const lines = [
    'name: small',
    'kernel: linux-6.1',
    `machine: { cpus: ${cpus ?? names.length}, preemption: ${preemption ?? 'none'} }`,
    'until: 10s',
  ];
  if (objects !== undefined) lines.push(`objects: { ${objects} }`);
  if (vars !== undefined) {
    const names = [...vars.matchAll(/\w+(?=:)/g)].map(([name]) => name);
    lines.push(`vars: { ${vars} }`, `marked: [ ${names.join(', ')} ]`);
  }
  if (rest.finally !== undefined) lines.push(`finally: [ '${rest.finally}' ]`);
  lines.push('actors:');
  for (const [i, name] of names.entries()) {
    const [head = '', ...steps] = actors[name]!.trim().split('\n');
    const fields = head === '' ? 'kind: kthread' : head;
    const cpu = /\bcpu:/.test(fields) ? '' : `, cpu: ${i}`;
    const [first, ...others] = steps.map((step) => `      ${step}`);
    lines.push(`  ${name}:`);
    for (const field of `${fields}${cpu}`.split(', ')) lines.push(`    ${field}`);
    if (first === undefined) lines.push('    steps: []');
    else lines.push('    steps:', first, ...others);
  }
  return `${lines.join('\n')}\n`;
}

export function load(text: string): LoadedScenario {
  const result = loadText('small.yaml', text, registry);
  if (result.ok) return result.loaded;
  throw new Error(`${result.diagnostics.map(({ message }) => message).join('\n')}\n${text}`);
}

function steps(...calls: readonly string[]): string {
  return ['kind: kthread', ...calls.map((call) => `- ${call}`)].join('\n');
}

const spins = (...locks: readonly string[]): string =>
  steps(
    ...locks.map((lock) => `spin_lock ${lock}`),
    ...[...locks].reverse().map((lock) => `spin_unlock ${lock}`),
  );

const onCpu0 = (actor: string): string => actor.replace('kthread', 'kthread, cpu: 0');

const DEVICE = `kind: irq, cpu: 0, arrivals: { every: 1ms }
- spin_lock L
- n = n + 1
- spin_unlock L`;

const TWO_STAGE_READER = `kind: kthread
- mutex_lock A
- $x = d1
- mutex_unlock A
- if: $x != 0
  then:
    - mutex_lock Z
    - $y = d2
    - mutex_unlock Z
    - assert $y == $x + 1`;

const STOPPER = `kind: kthread
- stopf = 1
- atomic: [ 'pend = pend - 1', '$p = pend' ]
- if: $p == 0
  then: [ complete ev ]
- wait_for_completion ev
- stopped = 1`;

export interface Pair {
  readonly wrong: Text;
  readonly right: Text;
}

const SETTER = ['a = 1', 'b = -1'];
const CHECKER = ['$x = a', '$y = b', 'assert ($x == 0 && $y == 0) || ($x == 1 && $y == -1)'];
const locked = (calls: readonly string[]): string[] => ['spin_lock L', ...calls, 'spin_unlock L'];

function reorder(setters: number): Pair {
  const of = (wrap: (calls: readonly string[]) => readonly string[]): Text => ({
    objects: 'L: spinlock',
    vars: 'a: 0, b: 0',
    actors: {
      ...Object.fromEntries(
        Array.from({ length: setters }, (_, i) => [`s${i}`, steps(...wrap(SETTER))]),
      ),
      chk: steps(...wrap(CHECKER)),
    },
  });
  return { wrong: of((calls) => calls), right: of(locked) };
}

export const programs: Readonly<Record<string, Pair>> = {
  abba: {
    wrong: {
      objects: 'A: spinlock, B: spinlock',
      actors: { t1: spins('A', 'B'), t2: spins('B', 'A') },
    },
    right: {
      objects: 'A: spinlock, B: spinlock',
      actors: { t1: spins('A', 'B'), t2: spins('A', 'B') },
    },
  },
  cycle3: {
    wrong: {
      objects: 'A: spinlock, B: spinlock, C: spinlock',
      actors: { t1: spins('A', 'B'), t2: spins('B', 'C'), t3: spins('C', 'A') },
    },
    right: {
      objects: 'A: spinlock, B: spinlock, C: spinlock',
      actors: { t1: spins('A', 'B'), t2: spins('B', 'C'), t3: spins('A', 'C') },
    },
  },
  irqself: {
    wrong: {
      cpus: 1,
      objects: 'L: spinlock',
      vars: 'n: 0',
      actors: {
        task: onCpu0(steps('spin_lock L', 'n = n + 1', 'spin_unlock L')),
        dev: DEVICE,
      },
    },
    right: {
      cpus: 1,
      objects: 'L: spinlock',
      vars: 'n: 0',
      actors: {
        task: onCpu0(steps('spin_lock_irqsave L $f', 'n = n + 1', 'spin_unlock_irqrestore L $f')),
        dev: DEVICE,
      },
    },
  },
  rwrec: {
    wrong: {
      objects: 'R: rwlock',
      actors: {
        reader: steps('read_lock R', 'read_lock R', 'read_unlock R', 'read_unlock R'),
        writer: steps('write_lock R', 'write_unlock R'),
      },
    },
    right: {
      objects: 'R: rwlock',
      actors: {
        reader: steps('read_lock R', 'read_unlock R'),
        writer: steps('write_lock R', 'write_unlock R'),
      },
    },
  },
  lostupd: {
    wrong: {
      vars: 'c: 0',
      finally: 'c == 4',
      actors: {
        t1: steps('$x = c', 'c = $x + 1', '$x = c', 'c = $x + 1'),
        t2: steps('$x = c', 'c = $x + 1', '$x = c', 'c = $x + 1'),
      },
    },
    right: {
      objects: 'L: spinlock',
      vars: 'c: 0',
      finally: 'c == 4',
      actors: {
        t1: steps(...locked(['$x = c', 'c = $x + 1']), ...locked(['$x = c', 'c = $x + 1'])),
        t2: steps(...locked(['$x = c', 'c = $x + 1']), ...locked(['$x = c', 'c = $x + 1'])),
      },
    },
  },
  sleepon: {
    wrong: {
      objects: 'q: waitqueue',
      vars: 'cond: 0',
      actors: {
        waiter: 'kind: kthread\n- if: cond == 0\n  then:\n    - sleep_on q',
        waker: steps('cond = 1', 'wake_up q'),
      },
    },
    right: {
      objects: 'q: waitqueue',
      vars: 'cond: 0',
      actors: { waiter: steps('wait_event q cond == 1'), waker: steps('cond = 1', 'wake_up q') },
    },
  },
  'reorder-3': reorder(2),
  'reorder-5': reorder(4),
  wronglock: {
    wrong: {
      objects: 'A: spinlock, B: spinlock',
      vars: 'd: 0',
      finally: 'd == 4',
      actors: {
        f1: steps('spin_lock A', '$x = d', 'd = $x + 1', 'spin_unlock A'),
        ...Object.fromEntries(
          [2, 3, 4].map((i) => [
            `f${i}`,
            steps('spin_lock B', '$x = d', 'd = $x + 1', 'spin_unlock B'),
          ]),
        ),
      },
    },
    right: {
      objects: 'A: spinlock',
      vars: 'd: 0',
      finally: 'd == 4',
      actors: Object.fromEntries(
        [1, 2, 3, 4].map((i) => [
          `f${i}`,
          steps('spin_lock A', '$x = d', 'd = $x + 1', 'spin_unlock A'),
        ]),
      ),
    },
  },
  twostage: {
    wrong: {
      objects: 'A: mutex, Z: mutex',
      vars: 'd1: 0, d2: 0',
      actors: {
        w: steps(
          'mutex_lock A',
          'd1 = 1',
          'mutex_unlock A',
          'mutex_lock Z',
          'd2 = d1 + 1',
          'mutex_unlock Z',
        ),
        r: TWO_STAGE_READER,
      },
    },
    right: {
      objects: 'A: mutex, Z: mutex',
      vars: 'd1: 0, d2: 0',
      actors: {
        w: steps(
          'mutex_lock A',
          'd1 = 1',
          'mutex_lock Z',
          'd2 = d1 + 1',
          'mutex_unlock Z',
          'mutex_unlock A',
        ),
        r: TWO_STAGE_READER,
      },
    },
  },
  bluetooth: {
    wrong: {
      objects: 'ev: completion',
      vars: 'pend: 1, stopf: 0, stopped: 0',
      actors: {
        add: `kind: kthread
- if: stopf == 0
  then:
    - pend = pend + 1
    - assert stopped == 0
    - atomic: [ 'pend = pend - 1', '$p = pend' ]
    - if: $p == 0
      then: [ complete ev ]`,
        stop: STOPPER,
      },
    },
    right: {
      objects: 'ev: completion',
      vars: 'pend: 1, stopf: 0, stopped: 0',
      actors: {
        add: `kind: kthread
- pend = pend + 1
- if: stopf == 0
  then: [ assert stopped == 0 ]
- atomic: [ 'pend = pend - 1', '$p = pend' ]
- if: $p == 0
  then: [ complete ev ]`,
        stop: STOPPER,
      },
    },
  },
};
