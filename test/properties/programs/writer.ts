/*
 * Writes the steps of an actor. What a step becomes is drawn from the pieces that are right where
 * it stands, so that the program as a whole is correct: see place.ts and the pieces.
 */
import fc from 'fast-check';
import { eras, type KernelName } from '../../../models/era.ts';
import type { ActorKind } from './notation.ts';
import type { Place } from './place.ts';

/** The numbers that decide about a step, and those for the steps inside it. */
export interface Seed {
  readonly form: number;
  readonly a: number;
  readonly b: number;
  readonly inner: readonly Seed[];
}

function seedOf(inner: fc.Arbitrary<readonly Seed[]>): fc.Arbitrary<Seed> {
  return fc.record({ form: fc.nat(9999), a: fc.nat(99), b: fc.nat(99), inner });
}

const leaf = seedOf(fc.constant([]));
const branch = seedOf(fc.array(leaf, { maxLength: 2, size: 'max' }));
export const seed: fc.Arbitrary<Seed> = seedOf(fc.array(branch, { maxLength: 3, size: 'max' }));

/** Steps that belong together, as they stand in programs. */
export interface Piece {
  /** The words it is made of. */
  readonly words: readonly string[];
  readonly fits: (at: Place, writer: Writer) => boolean;
  readonly write: (at: Place, seed: Seed, writer: Writer) => string[];
}

/** An actor of the program being written. */
export interface Member {
  readonly name: string;
  readonly kind: ActorKind;
  readonly soft: boolean;
  /**
   * Handlers only set off those behind them, and tasks only stop those behind them: nothing goes
   * on for ever, and nobody waits in a circle.
   */
  readonly order: number;
}

/** What the actors of one program share. */
export interface Cast {
  readonly kernel: KernelName;
  /** Operations take no time, so that who polls does so for ever. */
  readonly timeless: boolean;
  readonly members: readonly Member[];
  /** The pieces whose words the simulator and this kernel have. */
  readonly pieces: readonly Piece[];
  readonly flavours: readonly string[];
  /** Threads that some step stops: at most once, the kernel waits for their end. */
  readonly stopped: Set<string>;
  /** Timers that one task alone arms, by add_timer. */
  readonly added: Map<string, string>;
  /** Spins that may last two seconds. */
  longSpins: number;
}

export class Writer {
  readonly cast: Cast;
  readonly self: Member;
  private labels = 0;

  constructor(cast: Cast, self: Member) {
    this.cast = cast;
    this.self = self;
  }

  /** Handlers run with interrupts on, and others come on top of them. */
  get nests(): boolean {
    return eras[this.cast.kernel].handlersNest;
  }

  steps(seeds: readonly Seed[], at: Place): string[] {
    return seeds.flatMap((each) => {
      const fitting = this.cast.pieces.filter((piece) => piece.fits(at, this));
      return pick(fitting, each.form).write(at, each, this);
    });
  }

  /** What stands inside a block. */
  inner({ inner }: Seed, at: Place): string[] {
    return this.steps(inner, { ...at, depth: at.depth + 1 });
  }

  /** Most calls are logged. */
  call(step: string, { b }: Seed): string {
    return b % 4 === 3 ? step : `${step} -> ${this.label()}`;
  }

  log(): string {
    return `log ${this.label()}`;
  }

  private label(): string {
    return `${this.self.name}_${++this.labels}`;
  }

  /** Handlers of these kinds that this actor may set off. */
  targets(...kinds: readonly ActorKind[]): Member[] {
    return this.cast.members.filter(
      ({ kind, order, name }) =>
        kinds.includes(kind) && order > this.self.order && !this.cast.added.has(name),
    );
  }

  /** Those that can be woken: threads and the process, not workers. */
  tasks(...kinds: readonly ActorKind[]): Member[] {
    return this.cast.members.filter(({ kind }) => kinds.includes(kind));
  }
}

export function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length]!;
}

/** A single call, wherever `fits` says. */
export function single(
  word: string,
  fits: Piece['fits'],
  step: (seed: Seed, writer: Writer, at: Place) => string = () => word,
): Piece {
  return {
    words: [word],
    fits,
    write: (at, seed, writer) => [writer.call(step(seed, writer, at), seed)],
  };
}

/** `open`, other steps, `close`. */
export function region(
  open: string,
  close: string,
  fits: Piece['fits'],
  inside: (at: Place) => Place,
): Piece {
  return {
    words: [open, close],
    fits,
    write: (at, seed, writer) => [
      open,
      ...writer.inner(seed, inside(at)),
      writer.call(close, seed),
    ],
  };
}
