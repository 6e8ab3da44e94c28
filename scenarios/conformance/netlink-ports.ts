/*
 * Ports in op scripts: a number is that port; the script's process id and the ports that the
 * kernel chose itself have names, because they differ from run to run.
 */
export class PortNames {
  readonly pid: number;
  /** Ports that the kernel chose, in the order in which they were first seen. */
  private readonly chosen: number[] = [];

  constructor(pid: number) {
    this.pid = pid;
  }

  /** `PID`, `N1`, `N2` ... or the number itself. */
  name(port: number): string | number {
    if (port === this.pid) return 'PID';
    if (port < 0x80000000) return port;
    if (!this.chosen.includes(port)) this.chosen.push(port);
    return `N${this.chosen.indexOf(port) + 1}`;
  }

  /** The port behind a name. Throws RangeError for one that was never given. */
  real(name: unknown): number {
    if (typeof name === 'number') return name >>> 0;
    if (name === 'PID') return this.pid;
    const port = this.chosen[Number(String(name).slice(1)) - 1];
    if (port === undefined) throw new RangeError(`the script has no port ${String(name)} yet`);
    return port;
  }
}
