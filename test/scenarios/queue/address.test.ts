import { expect, test } from 'vitest';
import { parseAddress } from '../../../scenarios/queue/address.ts';

test.each([
  ['redis://localhost', { host: 'localhost', port: 6379, db: 0, prefix: 'lockstep', tls: false }],
  ['redis://10.0.0.1:7000/team', { host: '10.0.0.1', port: 7000, db: 0, prefix: 'team' }],
  ['redis://h/3', { db: 3, prefix: 'lockstep' }],
  ['redis://h/3/team.a-b_c/', { db: 3, prefix: 'team.a-b_c' }],
  ['rediss://h:1', { tls: true, port: 1 }],
  ['redis://[::1]:7000', { host: '::1', shown: 'redis://[::1]:7000' }],
  [
    'redis://me:p%40ss@h/x',
    { username: 'me', password: 'p@ss', prefix: 'x', shown: 'redis://h:6379/x' },
  ],
])('%s is understood', (text, parts) => {
  expect(parseAddress(text)).toMatchObject(parts);
});

test.each([
  ['localhost:6379', 'expected redis://host:port or redis://host:port/prefix'],
  ['http://h', 'expected redis://host:port or redis://host:port/prefix'],
  ['redis://', 'expected redis://host:port or redis://host:port/prefix'],
  ['redis://h?db=3', 'expected redis://host:port or redis://host:port/prefix'],
  ['redis://h/a/b', 'the prefix of a queue is letters, digits, _, - and .'],
  ['redis://h/a:b', 'the prefix of a queue is letters, digits, _, - and .'],
])('%s is refused', (text, why) => {
  expect(() => parseAddress(text)).toThrow(`--queue ${text}: ${why}`);
});

test('a password is not told', () => {
  expect(() => parseAddress('redis://me:secret@h/a/b')).toThrow('--queue redis://***@h/a/b: ');
});
