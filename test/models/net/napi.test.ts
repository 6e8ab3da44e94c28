/* NAPI: who polls when, and what happens to a poll that is to be scheduled while it is. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../../models/era.ts';
import { local_bh_disable, local_bh_enable } from '../../../models/irq/softirq.ts';
import { Napi, NetRx, napi_complete_done } from '../../../models/net/napi.ts';
import { Lab } from '../lab.ts';

function labWith(kernel: KernelName = 'linux-6.1'): { lab: Lab; rx: NetRx } {
  const lab = new Lab({ kernel, preemption: 'none' });
  const rx = new NetRx(lab.machine, function* () {
    yield 0;
  });
  return { lab, rx };
}

describe('a NAPI poll', () => {
  it('runs once in NET_RX however often it was scheduled', () => {
    const { lab, rx } = labWith('linux-2.6.32');
    const napi: Napi = new Napi(rx, 'N', function* (k) {
      lab.note(k, 'poll');
      napi_complete_done(k.cpu, napi);
      yield 0;
      return 0;
    });
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      lab.note(k, 'schedule', rx.napi_schedule(k.cpu, napi) ? 1 : 0);
      lab.note(k, 'schedule', rx.napi_schedule(k.cpu, napi) ? 1 : 0);
      yield* local_bh_enable(k);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['schedule(1)', 'schedule(0)', 'poll@softirq', 'main']);
  });

  it('that misses a scheduling is repeated, from 4.10 on', () => {
    const polls = (kernel: KernelName): string[] => {
      const { lab, rx } = labWith(kernel);
      let rounds = 0;
      const napi: Napi = new Napi(rx, 'N', function* (k) {
        if (++rounds === 1) rx.napi_schedule(k.cpu, napi);
        yield 0;
        lab.note(k, 'complete', napi_complete_done(k.cpu, napi) ? 1 : 0);
        return 0;
      });
      lab.start('main', 50, function* (k) {
        local_bh_disable(k);
        rx.napi_schedule(k.cpu, napi);
        yield* local_bh_enable(k);
      });
      return lab.run().log;
    };
    expect(polls('linux-6.1')).toEqual(['complete(0)@softirq', 'complete(1)@softirq']);
    expect(polls('linux-2.6.32')).toEqual(['complete(1)@softirq']);
  });

  it('that used its whole budget comes again, others in between', () => {
    const { lab, rx } = labWith();
    const poller = (name: string, packets: number): Napi => {
      let left = packets;
      const napi: Napi = new Napi(rx, name, function* (k, weight) {
        const work = Math.min(left, weight);
        left -= work;
        lab.note(k, name, work);
        if (work < weight) napi_complete_done(k.cpu, napi);
        yield 0;
        return work;
      });
      return napi;
    };
    const [a, b] = [poller('A', 100), poller('B', 5)];
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      rx.napi_schedule(k.cpu, a);
      rx.napi_schedule(k.cpu, b);
      yield* local_bh_enable(k);
    });
    expect(lab.run().log).toEqual(['A(64)@softirq', 'B(5)@softirq', 'A(36)@softirq']);
  });
});
