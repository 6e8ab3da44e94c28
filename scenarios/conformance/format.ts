/*
 * What the conformance runner knows of a kind of recording: how to recognise it, and how to replay
 * it in the model.
 */

/** A case that was run: its name, and how the model differs from the kernel, or null. */
export interface Outcome {
  readonly name: string;
  /** Lines for people: expected beside actual, where they part. */
  readonly difference: string | null;
}

/** One kind of recording. */
export interface Format {
  /** Whether parsed JSON (a file, or a line of a `.jsonl` file) is of this kind. */
  readonly recognises: (json: unknown) => boolean;
  /** Replays every case in it. A case that the model cannot run at all has failed. */
  readonly run: (json: unknown) => Outcome[];
}
