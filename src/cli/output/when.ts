/** Returns a time in this machine's time zone: `2026-11-22 03:43`. */
export function whenOf(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Returns the same with seconds. */
export function secondOf(at: Date): string {
  return `${whenOf(at)}:${two(at.getSeconds())}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
