/* A set of descriptors for select(): what it leaves there, and what is lost after a timeout. */
import { describe, expect, it } from 'vitest';
import { labels, observe, type Observed } from '../run/scenario.ts';

function run(steps: string, more = ''): Observed {
  return observe(`
name: select
machine: { cpus: 1, costs: { preset: ideal } }
until: 1s
objects: { set: fd_set, out: fd_set, p: pipe, nl: netlink:21 }
actors:
  u:
    kind: user
    pid: 700
    steps:
${steps.replace(/^\n/, '').replace(/^/gm, '      ')}
${more}`);
}

function results({ logged }: Observed): [string, number][] {
  return logged.map(({ label, result }) => [label, result]);
}

const OPENED = `
- pipe $r $w
- socket $s 21
- bind $s 700
- FD_ZERO set
- FD_SET $r set
- FD_SET $s set
`;

describe('select() with a set', () => {
  it('leaves the descriptor that is ready, of several of different kinds', () => {
    const send = '  t: { kind: timer, start: 10ms, steps: [netlink_unicast nl 700 100] }';
    const which = '- FD_ISSET $r set -> r\n- FD_ISSET $s set -> s';
    const steps = `${OPENED}- selectSet set -1 -> n\n${which}`;
    expect(results(run(steps, send))).toEqual([
      ['n', 1],
      ['r', 0],
      ['s', 1],
    ]);
  });

  it('leaves nothing after a timeout: what comes then is not seen', () => {
    const steps = `${OPENED}- selectSet set 5ms -> n\n- write $w 10\n- selectSet set 5ms -> deaf`;
    expect(results(run(steps))).toEqual([
      ['n', 0],
      ['deaf', 0],
    ]);
  });

  it('counts what can be read and what can be written together', () => {
    const steps = `${OPENED}- write $w 10\n- FD_SET $w out\n- selectSet set -1 out -> n`;
    expect(results(run(steps))).toEqual([['n', 2]]);
  });

  it('does not watch what was taken out again', () => {
    const steps = `${OPENED}- write $w 10\n- FD_CLR $r set\n- selectSet set 5ms -> n`;
    expect(labels(run(steps))).toEqual(['n']);
    expect(results(run(steps))).toEqual([['n', 0]]);
  });
});

describe('pipe2', () => {
  it('makes ends that do not wait', () => {
    const steps = '- pipe2 $r $w O_NONBLOCK\n- read $r 10 -> empty\n- write $w 10 -> wrote';
    expect(results(run(steps))).toEqual([
      ['empty', -11],
      ['wrote', 10],
    ]);
  });
});
