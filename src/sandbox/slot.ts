/**
 * One of the /30 networks of 198.18.0.0/15, and the names of everything on this machine that belongs to it. No two hosts share
 * an interface, a namespace or a firewall rule.
 */
export interface Slot {
  readonly number: number;
  readonly gateway: string;
  readonly address: string;
  /** The name of this machine's end of the link; the kernel allows 15 characters at most. */
  readonly device: string;
  readonly namespace: string;
}

export const prefix = 30;
/** The range of all hosts' addresses, from RFC 2544. */
export const range = '198.18.0.0/15';
export const slots = 2 ** (prefix - 15);

/** Returns the slot with this number. Throws a RangeError unless it is from 0 to `slots` - 1. */
export function slotAt(number: number): Slot {
  if (!Number.isInteger(number) || number < 0 || number >= slots) throw new RangeError(`no network has the number ${number}`);
  const dotted = (offset: number) => {
    const value = number * 4 + offset;
    return `198.${18 + (value >> 16)}.${(value >> 8) & 255}.${value & 255}`;
  };
  return { number, gateway: dotted(1), address: dotted(2), device: `fpsb${number}`, namespace: `fpsb${number}` };
}
