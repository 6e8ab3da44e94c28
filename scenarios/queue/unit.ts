/*
 * What goes through the queue: an order once, with everything that the work is made from, and units
 * of it, which name the order and the numbers of the runs or schedules.
 */
import type { Order as ExploreOrder } from '../explore/order.ts';
import type { KeptInput } from '../output/kept-inputs.ts';
import type { Order as SweepOrder } from '../sweep/order.ts';

/** BullMQ's name of the queue. */
export const QUEUE = 'work';

export type Order =
  | { readonly kind: 'sweep'; readonly order: SweepOrder }
  | { readonly kind: 'explore'; readonly order: ExploreOrder };

export interface Unit {
  /** The version that the numbers belong to: another one may make other runs of them. */
  readonly lockstep: string;
  /** The id of the order. */
  readonly order: string;
  readonly numbers: readonly number[];
}

/**
 * What comes back: the answers to the first of the numbers as JSON, as many as were made in a
 * spell. Null: nobody asks any more.
 */
export type Answers = readonly string[] | null;

export function orderKey(prefix: string, id: string): string {
  return `${prefix}:order:${id}`;
}

/** A file as JSON has it: its bytes in base64, or why there are none. */
type Packed = Pick<KeptInput, 'path'> & ({ readonly base64: string } | { readonly why: string });

/** An order without its files, and these. */
interface Parcel {
  readonly work:
    | { readonly kind: 'sweep'; readonly order: Omit<SweepOrder, 'inputs'> }
    | { readonly kind: 'explore'; readonly order: Omit<ExploreOrder, 'inputs'> };
  readonly inputs: readonly Packed[];
}

export function packOrder({ kind, order: { inputs, ...order } }: Order): string {
  const packed = inputs.map(({ path, content }): Packed =>
    typeof content === 'string'
      ? { path, why: content }
      : { path, base64: Buffer.from(content).toString('base64') },
  );
  const parcel: Parcel = { work: { kind, order } as Parcel['work'], inputs: packed };
  return JSON.stringify(parcel);
}

/** @param text what `packOrder` of the same version made */
export function unpackOrder(text: string): Order {
  const { work, inputs: packed } = JSON.parse(text) as Parcel;
  const inputs = packed.map((input): KeptInput => ({
    path: input.path,
    content: 'why' in input ? input.why : Buffer.from(input.base64, 'base64'),
  }));
  return work.kind === 'sweep'
    ? { kind: 'sweep', order: { ...work.order, inputs } }
    : { kind: 'explore', order: { ...work.order, inputs } };
}
