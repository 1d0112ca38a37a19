/** Prints nano-dollars per hour for people: `$0.0960/h`. */
export function dollarsPerHour(nano: number): string {
  return `$${(nano / 1e9).toFixed(4)}/h`;
}
