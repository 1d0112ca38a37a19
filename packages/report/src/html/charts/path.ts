/**
 * The same path in fewer bytes: tenths of a pixel, horizontal and vertical strokes as such, and runs of equal strokes as one. Knows the
 * commands of lines and areas (`M`, `L`, `Z`); other paths are returned as they are.
 */
export function shortPath(path: string): string {
  if (/[^MLZ\d.,\-e]/.test(path)) return path;
  let text = '';
  let x = Number.NaN;
  let y = Number.NaN;
  /** Where the last stroke began, and its direction, while it may still be prolonged. */
  let pending = '';
  for (const [, command, rest] of path.matchAll(/([MLZ])([^MLZ]*)/g)) {
    if (command === 'Z') {
      text += `${pending}Z`;
      pending = '';
      continue;
    }
    const [nextX, nextY] = rest.split(',').map(tenths);
    if (command === 'M') {
      text += `${pending}M${nextX},${nextY}`;
      pending = '';
    } else if (nextX === x && nextY === y) {
      continue;
    } else if (nextY === y) {
      if (pending[0] !== 'H') text += pending;
      pending = `H${nextX}`;
    } else if (nextX === x) {
      // Up and down again at one place is kept: it is a spike.
      text += pending;
      pending = `V${nextY}`;
    } else {
      text += `${pending}L${nextX},${nextY}`;
      pending = '';
    }
    x = nextX;
    y = nextY;
  }
  return text + pending;
}

function tenths(number: string): number {
  return Math.round(Number(number) * 10) / 10;
}
