// Interleaved rounds: each round runs every participant once in turn, so that whatever else the
// machine does falls on all of them, and a ratio is only ever taken between runs of the same
// round.

/**
 * Runs `measure(participant)` for every participant in each of `rounds` rounds. Returns, for each
 * participant, its results in the order of the rounds. Each round begins with another participant.
 */
export function interleave(participants, rounds, measure) {
  const results = new Map(participants.map((participant) => [participant, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < participants.length; turn++) {
      const participant = participants[(round + turn) % participants.length];
      results.get(participant).push(measure(participant));
    }
  }
  return results;
}

/** The median, least and greatest of some figures. */
export function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    min: sorted[0],
    max: sorted[sorted.length - 1],
  };
}

/** Rows of cells as aligned text: the first column to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  '),
  );
}

/** A rate with three figures and a unit: 950, 12.3 k, 4.56 M. */
export function rate(perSecond) {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toPrecision(3)} M`;
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toPrecision(3)} k`;
  return perSecond.toFixed(0);
}
