/*
 * A Redis of a test's own: on a free port, in a temporary folder, with nothing on disk, so that it
 * has forgotten everything when it is started again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

export class RedisServer {
  readonly port: number;
  private readonly folder: string;
  private child: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  static async at(folder: string): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), folder);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const flags = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const memoryOnly = ['--save', '', '--appendonly', 'no'];
    this.child = spawn('redis-server', [...flags, ...memoryOnly], { stdio: 'ignore' });
    await this.ask((redis) => redis.ping());
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Asks it something on a connection of its own, as soon as it answers. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.port, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    redis.on('error', () => {});
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** Cuts all connections that there are. */
  async cut(): Promise<void> {
    await this.ask((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  }

  /** Comes back when so many units are being worked at. */
  whenAtWork(units: number): Promise<void> {
    return this.when(async (redis) => (await redis.llen('lockstep:work:active')) >= units);
  }

  /** Comes back when so many units wait for a worker. */
  whenWaiting(units: number): Promise<void> {
    return this.when(async (redis) => (await redis.llen('lockstep:work:wait')) >= units);
  }

  /** Comes back when so many units were asked for. */
  whenAsked(units: number): Promise<void> {
    return this.when(async (redis) => Number(await redis.get('lockstep:work:id')) >= units);
  }

  private async when(holds: (redis: Redis) => Promise<boolean>): Promise<void> {
    await this.ask(async (redis) => {
      while (!(await holds(redis))) await pause(5);
    });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
