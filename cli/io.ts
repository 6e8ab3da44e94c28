/*
 * The world outside of the program, as far as the command line uses it.
 */

export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** How wide the terminal is, if that is known. */
  readonly outColumns?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `handler` on Ctrl+C, once; the result takes that back. */
  onInterrupt(handler: () => void): () => void;
  /** The host's clock in ms, for what only the terminal shows. */
  now(): number;
}

/** The process that we are. */
export function processIo(): Io {
  // Nobody reads any more (`| head`): the run goes on and leaves its folder.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTty: process.stdout.isTTY,
    errIsTty: process.stderr.isTTY,
    outColumns: process.stdout.columns,
    env: process.env,
    onInterrupt(handler) {
      // Once: a second Ctrl+C ends the process at once.
      process.once('SIGINT', handler);
      return () => void process.removeListener('SIGINT', handler);
    },
    now: () => performance.now(),
  };
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
