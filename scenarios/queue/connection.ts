/*
 * The connection with Redis, and BullMQ, which users install beside Lockstep if they want it. At
 * first Redis must answer soon; a connection that is lost later is tried again for ever, since
 * whoever asks and whoever works lose nothing by waiting.
 */
import type { Redis, RedisOptions } from 'ioredis';
import type { Address } from './address.ts';
import { QueueError } from './error.ts';

/** Until the first answer. */
const PATIENCE_MS = 4000;
/** Between two attempts, at most. */
const RETRY_MS = 2000;

export interface Packages {
  readonly bullmq: typeof import('bullmq');
  readonly Redis: typeof Redis;
}

/** @throws QueueError if they are not installed */
export async function packages(): Promise<Packages> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const names = 'npm install bullmq ioredis';
    throw new QueueError(`--queue needs BullMQ, which comes apart from lockstep: ${names}`);
  }
}

function optionsFor({ host, port, username, password, db, tls }: Address): RedisOptions {
  return {
    ...{ host, port, username, password, db },
    ...(tls && { tls: {} }),
    connectTimeout: PATIENCE_MS,
    maxRetriesPerRequest: null,
    keepAlive: RETRY_MS,
  };
}

/** A connection that is made again for ever. */
export function connect({ Redis }: Packages, address: Address): Redis {
  const retryStrategy = (times: number): number => Math.min(100 * times, RETRY_MS);
  const redis = new Redis({ ...optionsFor(address), retryStrategy });
  // Without a listener ioredis prints its errors; who wants to know listens too.
  redis.on('error', () => {});
  return redis;
}

/**
 * Asks once whether somebody answers who speaks as Redis does, and hangs up.
 * @throws QueueError if not
 */
export async function reach({ Redis }: Packages, address: Address): Promise<void> {
  const redis = new Redis({ ...optionsFor(address), lazyConnect: true, retryStrategy: () => null });
  let why = `no answer for ${PATIENCE_MS / 1000} s`;
  redis.on('error', (error: NodeJS.ErrnoException) => (why = reason(error)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), PATIENCE_MS);
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
  } catch (error) {
    const said =
      (error as Error).message === 'Connection is closed.' ? why : reason(error as Error);
    throw new QueueError(`no Redis can be used at ${address.shown}: ${said}`);
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (message.startsWith('Protocol error')) return 'what answers there is something else';
  if (code === 'ECONNREFUSED') return 'nobody listens there (ECONNREFUSED)';
  if (code === 'ENOTFOUND') return 'there is no such host (ENOTFOUND)';
  return message;
}
