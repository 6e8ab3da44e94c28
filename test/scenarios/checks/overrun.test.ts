/*
 * A netlink reader that was told of an overrun knows of what is lost; one that never asks does not.
 */
import { expect, it } from 'vitest';
import { findingsOf, type Steps } from './run-program.ts';

/** What is found when the kernel sends more than fits, and then the reader does this. */
function found(...reader: Steps): string[] {
  return findingsOf({
    objects: { nl: { type: 'netlink', protocol: 21 } },
    actors: {
      reader: {
        kind: 'user',
        pid: 4000,
        cpu: 0,
        steps: [
          'socket $fd 21',
          'setsockopt $fd SO_RCVBUF 2304',
          'bind $fd 4000',
          'usleep 1000',
          ...reader,
        ],
      },
      sender: {
        kind: 'kthread',
        cpu: 1,
        start: '500us',
        steps: [{ repeat: 10, do: ['netlink_unicast nl 4000 1024 MSG_DONTWAIT'] }],
      },
    },
  }).map(({ kind, text }) => `${kind}: ${text}`);
}

const lost = expect.stringMatching(/^overrun: netlink\/21: \d+ messages were lost/) as string;

it('recv() that returns -ENOBUFS is enough, though more was lost than it was told of', () => {
  expect(found('recv $fd 2000 -> got', 'assert $got == -105')).toEqual([]);
});

it('SO_ERROR is enough', () => {
  expect(found('getsockopt $fd SO_ERROR -> error', 'assert $error == 105')).toEqual([]);
});

it('a reader that does not ask is told of by the detector', () => {
  expect(found('usleep 10')).toEqual([lost]);
});
