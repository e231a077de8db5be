/** The kinds of values that copies of a database have in the place of personal ones. */
export const maskNames = ['email', 'name', 'phone', 'text', 'hash', 'empty', 'null'] as const;

export type Mask = (typeof maskNames)[number] | { readonly value: string };
