/** What the command's exit status means. It never changes between releases. */
export const EXIT = {
  done: 0,
  /** A bug: please report it. */
  failure: 1,
  /** Wrong command line. */
  usage: 2,
  /** An input is invalid; the message has file, line and column. */
  input: 3,
  gateFailed: 4,
  incomparable: 5,
  undecided: 6,
  partial: 7,
  interrupted: 130,
  terminated: 143,
} as const;
