/*
 * The place where those who ask and those who work meet: BullMQ on Redis, with its address.
 */
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAddress, type Address } from './address.ts';
import { connect, packages, reach, type Packages } from './connection.ts';

/** For goodbyes that Redis may not hear any more. */
const GOODBYE_MS = 2000;

export class Broker {
  readonly address: Address;
  private readonly packages: Packages;
  private readonly say: (line: string) => void;
  private own: Redis | undefined;
  private readonly connections: Redis[] = [];
  private left = false;

  private constructor(address: Address, packages: Packages, say: (line: string) => void) {
    this.address = address;
    this.packages = packages;
    this.say = say;
  }

  /**
   * Finds out whether there is one; nothing is kept open.
   * @param say tells the user when the connection is lost and when it is there again
   * @throws QueueError if the address is none, or BullMQ or Redis is not there
   */
  static async at(text: string, say: (line: string) => void): Promise<Broker> {
    const address = parseAddress(text);
    const found = await packages();
    await reach(found, address);
    return new Broker(address, found, say);
  }

  get bullmq(): Packages['bullmq'] {
    return this.packages.bullmq;
  }

  /** The connection for commands that are answered at once. */
  get redis(): Redis {
    return (this.own ??= this.join());
  }

  /** One more connection, for commands that wait. */
  another(): Redis {
    const redis = this.keep(connect(this.packages, this.address));
    // BullMQ makes one more of a worker's, and would not hang up while Redis is away.
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (options) => this.keep(duplicate(options));
    return redis;
  }

  private keep(redis: Redis): Redis {
    this.connections.push(redis);
    return redis;
  }

  /** Hangs up, after what is still to be done if Redis is there to do it. */
  async leave(last: () => Promise<unknown>): Promise<void> {
    this.left = true;
    const done = last().catch(() => undefined);
    await Promise.race([done, pause(GOODBYE_MS, undefined, { ref: false })]);
    for (const redis of this.connections) redis.disconnect();
  }

  /** Tells of the connection, once each time it is lost or found. */
  private join(): Redis {
    const { address, say } = this;
    const redis = this.another();
    let broken = false;
    redis.on('close', () => {
      if (!broken && !this.left) say(`the connection with ${address.shown} is lost; trying again`);
      broken = true;
    });
    redis.on('ready', () => {
      if (broken) say(`connected with ${address.shown} again`);
      broken = false;
    });
    return redis;
  }
}
