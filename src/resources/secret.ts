import { createHash } from 'node:crypto';
import { sh } from '../command/command.ts';
import { reveal, Secret } from '../command/secret.ts';
import type { Difference } from '../engine/difference.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { secretsFolder } from '../host-paths.ts';

/** The shell functions that store secrets. */
export const secretShell = bundledLibrary('run/secrets.sh');

interface SecretAttributes {
  readonly state: 'present' | 'absent';
  /** The value that the user supplied. Without it, the host generates one. */
  readonly value?: Secret;
  /** The host that generates it, with the value there; an empty one if it does not exist yet. */
  readonly from?: { readonly host: string; readonly value: Secret };
}

interface SecretState {
  readonly sha256: string;
  readonly mode: string;
}

interface SecretOptions {
  readonly value?: Secret;
  readonly lines?: boolean;
  readonly from?: { readonly host: string; readonly value: Secret | undefined };
  readonly notify?: Handler;
}

/**
 * Describes a password that is generated once, on the host, and stored there in a file that only root can read: 32 letters and digits (190
 * bits). With `value` it is the supplied one. Files refer to it as `{{secret:name}}`. With `lines`, it may have several lines (a private
 * key), for a service that reads the stored file itself. With `from`, another host generates it, and a run carries it from there.
 */
export function secret(name: string, { lines = false, from, notify, ...options }: SecretOptions = {}): Resource {
  if (options.value && !lines && !/^[^\p{Cc}]+$/u.test(reveal(options.value)))
    throw new TypeError(`the secret ${name} must be a single line of text`);
  return secretKind.resource(
    name,
    { state: 'present', ...options, ...(from && { from: { host: from.host, value: from.value ?? new Secret('') } }) },
    { notify },
  );
}

/** Returns the name of a secret, or throws a TypeError if it is invalid. */
export function checkSecretName(name: string): string {
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for a secret`);
  return name;
}

/** Returns the placeholder by which a file's content refers to a secret. */
export function secretPlace(name: string): string {
  return `{{secret:${name}}}`;
}

export const secretKind = defineKind<SecretAttributes, SecretState>({
  name: 'secret',
  phase: 'accounts',
  check: checkSecretName,
  shell: { run: [secretShell] },
  absent: () => ({ state: 'absent' }),
  read: (resources) =>
    sh`cd ${secretsFolder} 2>/dev/null && { sha256sum -- ${resources.map(({ id }) => id)}; stat -c '%a %n' -- ${resources.map(({ id }) => id)}; } 2>/dev/null`,
  parse: (output) => {
    const modes = new Map([...output.matchAll(/^([0-7]{3,4}) (\S+)$/gm)].map(([, mode = '', name = '']) => [name, mode]));
    return new Map(
      [...output.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm)].map(([, sha256 = '', name = '']) => [
        name,
        { sha256, mode: modes.get(name) ?? '' },
      ]),
    );
  },
  diff: (name, desired, current) => {
    const path = `${secretsFolder}/${name}`;
    const undo = sh`restore_secret ${name}`;
    // Secrets are removed last, because services use them until they have read their new configuration.
    if (desired.state === 'absent')
      return current
        ? [{ action: 'remove', phase: 'removal', summary: 'remove', step: { kind: 'plain', apply: sh`remove_secret ${name}` }, undo }]
        : [];
    const { from } = desired;
    if (from) {
      const isKnown = reveal(from.value) !== '';
      if (current && isKnown && current.sha256 === digestOf(from.value)) return repairs(path, current);
      return [
        {
          action: current ? 'update' : 'create',
          summary: current ? `replace with the one of ${from.host}` : `store the one of ${from.host}`,
          step: { kind: 'plain', apply: sh`store_secret ${name}` },
          undo,
          effects: [isKnown ? { kind: 'supplies', name, value: from.value } : { kind: 'carries', name, from: from.host }],
        },
      ];
    }
    if (!current)
      return [
        {
          action: 'create',
          summary: desired.value ? 'store the supplied value' : 'generate',
          step: { kind: 'plain', apply: desired.value ? sh`store_secret ${name}` : sh`generate_secret ${name}` },
          undo,
          effects: desired.value ? [{ kind: 'supplies', name, value: desired.value }] : [],
        },
      ];
    if (desired.value && current.sha256 !== digestOf(desired.value))
      return [
        {
          action: 'update',
          summary: 'replace with the supplied value',
          basis: 'renewed',
          step: { kind: 'plain', apply: sh`store_secret ${name}` },
          undo,
          effects: [{ kind: 'supplies', name, value: desired.value }],
        },
      ];
    return repairs(path, current);
  },
});

function digestOf(value: Secret): string {
  return createHash('sha256').update(reveal(value)).digest('hex');
}

function repairs(path: string, { mode }: SecretState): readonly Difference[] {
  if (mode === '600') return [];
  return [
    {
      action: 'update',
      summary: `mode 0${mode} -> 0600`,
      step: { kind: 'plain', apply: sh`chmod 0600 ${path}` },
      undo: sh`chmod ${mode} ${path}`,
    },
  ];
}
