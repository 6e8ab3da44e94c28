/*
 * What is wrong with the queue that the command line names, or with the work in it.
 */

/** The message says what, and where the queue is. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}
