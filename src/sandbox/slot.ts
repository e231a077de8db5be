/**
 * One of the /30 networks of 198.18.0.0/15, and everything on this machine that is named after it, so that
 * no two hosts share an interface, a namespace or a rule.
 */
export interface Slot {
  readonly number: number;
  readonly gateway: string;
  readonly address: string;
  /** This machine's end of the link; the kernel takes 15 characters at most. */
  readonly device: string;
  readonly namespace: string;
}

export const prefix = 30;
/** The range that all hosts are in, RFC 2544. */
export const range = '198.18.0.0/15';
export const slots = 2 ** (prefix - 15);

/** Throws a RangeError outside 0 to `slots`, the last excluded. */
export function slotAt(number: number): Slot {
  if (!Number.isInteger(number) || number < 0 || number >= slots) throw new RangeError(`no network has the number ${number}`);
  const dotted = (offset: number) => {
    const value = number * 4 + offset;
    return `198.${18 + (value >> 16)}.${(value >> 8) & 255}.${value & 255}`;
  };
  return { number, gateway: dotted(1), address: dotted(2), device: `fpsb${number}`, namespace: `fpsb${number}` };
}
