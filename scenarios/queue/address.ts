/*
 * Where the queue is: redis://[user:password@]host[:port][/database][/prefix].
 */
import { QueueError } from './error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls: boolean;
  /** Before all keys, so that one Redis can have several queues. */
  readonly prefix: string;
  /** As it is told: without the password. */
  readonly shown: string;
}

const PORT = 6379;
const PREFIX = 'lockstep';
const EXPECTED = 'expected redis://host:port or redis://host:port/prefix';

/** @throws QueueError */
export function parseAddress(text: string): Address {
  const refuse = (why: string): never => {
    throw new QueueError(`--queue ${text.replace(/\/\/.*@/, '//***@')}: ${why}`);
  };
  if (!URL.canParse(text)) return refuse(EXPECTED);
  const url = new URL(text);
  const { protocol, hostname, port, username, password, pathname, search, hash } = url;
  if (!['redis:', 'rediss:'].includes(protocol) || hostname === '' || search + hash !== '') {
    return refuse(EXPECTED);
  }
  const path = /^(?:\/(\d{1,4}))?(?:\/([A-Za-z][\w.-]*))?\/?$/.exec(pathname);
  if (path === null) return refuse('the prefix of a queue is letters, digits, _, - and .');
  const [, db = '0', prefix = PREFIX] = path;
  return {
    // IPv6 in brackets, which only belong to URLs.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? PORT : Number(port),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    db: Number(db),
    tls: protocol === 'rediss:',
    prefix,
    shown: `${protocol}//${hostname}:${port === '' ? PORT : port}${pathname.replace(/\/$/, '')}`,
  };
}
