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

/** @throws QueueError if nobody answers who speaks as Redis does */
export async function connect({ Redis }: Packages, address: Address): Promise<Redis> {
  const { host, port, username, password, db, tls } = address;
  const options: RedisOptions = {
    ...{ host, port, username, password, db },
    ...(tls && { tls: {} }),
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    maxRetriesPerRequest: null,
    keepAlive: RETRY_MS,
  };
  await reach(new Redis({ ...options, retryStrategy: () => null }), address);
  const redis = new Redis({
    ...options,
    retryStrategy: (times) => Math.min(100 * times, RETRY_MS),
  });
  // Without a listener ioredis prints its errors; who wants to know listens too.
  redis.on('error', () => {});
  await redis.connect();
  return redis;
}

/** Asks once, and hangs up. */
async function reach(redis: Redis, { shown }: Address): Promise<void> {
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
    throw new QueueError(`no Redis can be used at ${shown}: ${said}`);
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
