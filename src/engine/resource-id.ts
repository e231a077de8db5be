/** The identity of a resource, unique on a host. */
export interface ResourceId {
  readonly kind: string;
  /** Unique within the kind: a path, a package's name, a unit. */
  readonly id: string;
}

/** Returns `kind:id`: a resource's name wherever one is printed, and its key in the host's records. */
export function nameOf({ kind, id }: ResourceId): string {
  return `${kind}:${id}`;
}

/** Returns the identity that `nameOf` made this name of. */
export function parseName(name: string): ResourceId {
  const colon = name.indexOf(':');
  return { kind: name.slice(0, colon), id: name.slice(colon + 1) };
}

export function isSame(one: ResourceId, other: ResourceId): boolean {
  return one.kind === other.kind && one.id === other.id;
}
