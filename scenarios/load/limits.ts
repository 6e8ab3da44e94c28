/**
 * Every bound that the loader puts on a scenario file, in one place. A file is data from a
 * stranger: each of these turns an input that would take all memory or all day into an error.
 */
export const LIMITS = {
  /** Size of a scenario file in bytes; larger files are refused before they are read. */
  fileBytes: 4 * 1024 * 1024,
  /** Lexical elements of YAML in a file: bounds the time that parsing takes (about a second). */
  lexemes: 1_000_000,
  /** Maps and lists inside each other. */
  nesting: 64,
  /** Values that come into being because aliases (`*name`) repeat an anchored value. */
  aliasedValues: 10_000,
  /** Characters in one string. */
  stringLength: 65_536,
  /** Characters in one step, expression or threshold, after parameters are substituted. */
  lineLength: 4096,
  /** Characters of a key of a map. */
  keyLength: 256,
  /** Characters of a name of an actor, object, variable or parameter. */
  nameLength: 63,
  /** Parentheses, brackets and unary operators inside each other in one expression. */
  expressionNesting: 64,
  /** Elements of one shared array. */
  arrayElements: 65_536,
  /** CPUs of a machine. */
  cpus: 64,
  /** Ticks a second. */
  hz: 10_000,
  /** Actors in total, after every `count` has been expanded. */
  actors: 100_000,
  /** Instructions in total, after the steps of every actor have been compiled. */
  instructions: 250_000,
  /** Errors reported; then the search ends, and a last line says so. */
  errors: 100,
  /** Candidates that are compared when the nearest valid name is sought. */
  candidates: 2_000,
} as const;
