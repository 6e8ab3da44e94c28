import { test } from 'vitest';
import { loadText } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { ScenarioRun } from '../../scenarios/run/run.ts';
test('x', () => {
  const r = loadText('x.yaml', `
name: demo
machine: { cpus: 2, costs: { preset: x86-2024 } }
until: 20ms
objects: { L: spinlock, q: waitqueue }
vars: { n: 0 }
actors:
  eth0:
    kind: irq
    arrivals: { every: 3ms, count: 4 }
    steps:
      - spin_lock L
      - n = n + 1
      - spin_unlock L
      - wake_up q
  reader:
    kind: kthread
    steps:
      - repeat: forever
        do:
          - wait_event q n > 0
          - spin_lock_irqsave L $f
          - $got = n
          - n = 0
          - spin_unlock_irqrestore L $f
          - log got
  b:
    kind: kthread
    count: 3
    steps:
      - repeat: 2
        do:
          - spin_lock_irqsave L
          - delay 5us
          - spin_unlock_irqrestore L
          - sleep 2 -> left
expect:
  that: [ 'lock.acquired(L) >= 10' ]
`, registry);
  if (!r.ok) { console.log(r.diagnostics); return; }
  let text = '';
  const run = new ScenarioRun(r.loaded, { sink: { write: (b) => void (text += Buffer.from(b).toString()) } });
  while (run.slice(1000));
  const res = run.finish();
  console.log(text.split('\n').filter((l) => !/local_timer|softirq|tasklet/.test(l)).join('\n'));
  console.log(JSON.stringify({ ...res, metrics: undefined }, null, 1));
});
