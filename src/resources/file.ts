import { createHash } from 'node:crypto';
import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource, type ResourceOf } from '../engine/resource.ts';
import { privateFolder, secretPlaces } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { stateFolder } from '../host-paths.ts';
import { checkPath, fresh, type Ownership, ownership, ownershipChanges, parseStat, type Stat, statCommand } from './path.ts';
import { readPackages } from './shell.ts';

interface FileAttributes extends Ownership {
  /** `gone` removes the file that we created. `restored` restores the file that we removed, and `returned` the one that we overwrote. */
  readonly state: 'present' | 'absent' | 'gone' | 'restored' | 'returned';
  readonly content: string;
  /** The names of the secrets whose `{{secret:name}}` the host fills in. */
  readonly secrets: readonly string[];
  /** The package that installs a file at this path. */
  readonly broughtBy?: string;
  /** See `Resource`. */
  readonly exclusive?: true;
}

export interface FileOptions extends Partial<Ownership> {
  /** The whole text. A missing newline at its end is added. */
  readonly content: string;
  readonly secrets?: readonly string[];
  readonly notify?: Handler | readonly Handler[];
  readonly retained?: true;
  readonly exclusive?: true | undefined;
}

interface FileState extends Partial<Stat> {
  readonly sha256?: string;
  /** The checksum of the desired text with the host's secrets filled in, for files that contain some. */
  readonly filled?: string;
  /** True if it contains a secret that the same run replaces. */
  readonly renewed?: boolean;
  /** True if the file is missing and a package of this run will install it. */
  readonly comesWithPackage?: boolean;
  /** True if the original that we removed or overwrote is still kept. */
  readonly aside?: boolean;
}

/** Describes a regular file with this content, owner (default `root:root`) and mode (default `0644`). */
export function file(path: string, options: FileOptions): Resource {
  const content = options.content === '' || options.content.endsWith('\n') ? options.content : `${options.content}\n`;
  const { exclusive, retained } = options;
  const attributes: FileAttributes = {
    state: 'present',
    content,
    secrets: options.secrets ?? [],
    ...ownership(options, '0644'),
    ...(exclusive && { exclusive }),
  };
  return fileKind.resource(path, attributes, {
    notify: options.notify,
    ...(retained && { retained }),
    ...(exclusive && { exclusive }),
  });
}

/**
 * Describes that there is neither a file nor a link at this path. The original is kept, and restored when this resource is no longer
 * desired. If a package that is still to be installed brings the file, `broughtBy` names this package, so that the plan includes the removal.
 */
file.absent = (path: string, options: { readonly broughtBy?: string; readonly notify?: Handler | readonly Handler[] } = {}): Resource => {
  const { broughtBy, notify } = options;
  const attributes: FileAttributes = {
    state: 'absent',
    content: '',
    secrets: [],
    ...ownership({}, '0644'),
    ...(broughtBy && { broughtBy }),
  };
  return fileKind.resource(path, attributes, { notify, remember: { aside: true } });
};

export const fileKind = defineKind<FileAttributes, FileState>({
  name: 'file',
  phase: 'files',
  check: checkPath,
  shell: { run: [bundledLibrary('run/aside.sh')], read: [privateFolder, secretPlaces, readPackages] },
  conflict: ({ exclusive, attributes }, current) =>
    exclusive && current.type && !hasContent(attributes, current)
      ? `exists, a ${current.type}${current.modified ? `, changed ${current.modified}` : ''}`
      : undefined,
  absent: (remembered) => ({
    state: has(remembered, 'aside') ? 'restored' : has(remembered, 'adopted') ? 'returned' : 'gone',
    content: '',
    secrets: [],
    ...ownership({}, '0644'),
  }),

  read: (resources) => {
    const bringers = resources.flatMap(({ id, attributes }) => (attributes.broughtBy ? [{ id, name: attributes.broughtBy }] : []));
    const secretive = resources.filter(({ attributes }) => attributes.secrets.length > 0);
    return lines(
      sh`files() { printf '%s\\0' ${resources.map(({ id }) => id)}; }`,
      sh`files | xargs -0 ${statCommand} 2>/dev/null`,
      sh`files | xargs -0 sha256sum -- 2>/dev/null`,
      ...resources.flatMap(({ id, attributes }) =>
        attributes.state === 'restored' || attributes.state === 'returned'
          ? [sh`[ -e ${aside(id)} ] || [ -L ${aside(id)} ] && printf 'aside\t%s\n' ${id}`]
          : [],
      ),
      ...bringers.map(({ id, name }) => sh`is_set_up ${name} || printf 'coming\t%s\n' ${id}`),
      secretive.length > 0 ? filledSums(secretive) : sh`:`,
    );
  },

  parse: (output) => {
    const coming = [...output.matchAll(/^coming\t(.+)$/gm)].map(([, path = '']): [string, FileState] => [path, { comesWithPackage: true }]);
    const states = new Map<string, FileState>([...coming, ...parseStat(output)]);
    for (const [, path = ''] of output.matchAll(/^aside\t(.+)$/gm)) states.set(path, { ...states.get(path), aside: true });
    for (const [, sha256, path = ''] of output.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)) {
      const known = states.get(path);
      if (known && sha256) states.set(path, { ...known, sha256 });
    }
    const sums = new Map([...output.matchAll(/^([0-9a-f]{64}) [ *](\d+)\.filled$/gm)].map(([, sum = '', index = '']) => [index, sum]));
    for (const [, index = '', path = ''] of output.matchAll(/^as\t(\d+)\t(.+)$/gm)) {
      const [known, filled] = [states.get(path), sums.get(index)];
      if (known && filled) states.set(path, { ...known, filled });
    }
    return states;
  },

  whenRenewed: ({ secrets }, current, renewed) => (secrets.some((name) => renewed.has(name)) ? { ...current, renewed: true } : current),

  diff: (path, desired, current) => {
    const touches = { kind: 'touches', path } as const;
    const writes = { kind: 'writes', path, content: { after: desired.content } } as const;
    const stage = sh`stage_file ${path} ${desired.mode} ${`${desired.owner}:${desired.group}`} ${desired.content} ${desired.secrets}`;
    const put = {
      action: 'create',
      summary: `create, mode ${desired.mode}${desired.owner === 'root' ? '' : `, owner ${desired.owner}`}`,
      step: { kind: 'staged', stage, apply: sh`install_staged ${path}` },
      undo: sh`restore_file ${path}`,
      effects: [writes],
    } satisfies Difference;
    if (desired.state === 'gone' && current && isUnit(path))
      return [
        {
          action: 'remove',
          summary: 'remove',
          phase: 'removal',
          step: {
            kind: 'plain',
            // The unit of this file is stopped first, by its name.
            apply: lines(
              sh`stage_removal ${path}`,
              sh`rm -f -- ${path}`,
              sh`systemctl daemon-reload`,
              sh`systemctl reset-failed ${path.slice(path.lastIndexOf('/') + 1)} 2>/dev/null || true`,
            ),
          },
          undo: lines(sh`restore_file ${path}`, sh`systemctl daemon-reload`),
          effects: [touches],
        },
      ];
    if (desired.state === 'absent' || desired.state === 'gone')
      return current
        ? [
            {
              action: 'remove',
              summary: current.comesWithPackage ? 'remove the file of its package' : 'remove',
              step: {
                kind: 'staged',
                stage: desired.state === 'gone' ? sh`stage_removal ${path}` : sh`set_aside_original ${path}`,
                apply: sh`rm -f -- ${path}`,
              },
              undo: sh`restore_file ${path}`,
              effects: [touches],
            },
          ]
        : [];
    if (desired.state === 'restored' || desired.state === 'returned') {
      // A file that somebody has created in place of one that we removed is theirs.
      if (!current?.aside || (desired.state === 'restored' && current.type)) return [];
      return [
        {
          action: current.type ? 'update' : 'create',
          summary: 'restore the original',
          step: {
            kind: 'staged',
            stage: sh`stage_original ${path}`,
            apply: lines(sh`install_staged ${path}`, sh`forget_original ${path}`),
          },
          undo: lines(sh`keep_original ${path}`, sh`restore_file ${path}`),
          effects: [touches],
        },
      ];
    }
    if (!current?.type) return [desired.exclusive ? { ...put, ...fresh(path, stage) } : put];
    const changes = [
      ...(current.type.startsWith('regular') ? [] : [`${current.type} -> regular file`]),
      ...contentChanges(desired, current),
      ...ownershipChanges(desired, current),
    ];
    if (changes.length === 0) return [];
    const adopts = {
      kind: 'adopts',
      keep: sh`keep_original ${path}`,
      forget: sh`forget_original ${path}`,
      remember: { adopted: true },
    } as const;
    return [
      {
        ...put,
        action: 'update',
        summary: changes.join(', '),
        effects: [writes, adopts],
        ...(current.renewed && { basis: 'renewed' as const }),
      },
    ];
  },
});

function contentChanges(desired: FileAttributes, current: FileState): readonly string[] {
  if (current.renewed) return ['the new value of a secret'];
  if (hasContent(desired, current)) return [];
  return [current.modified ? `content (changed ${current.modified})` : 'content'];
}

function hasContent({ secrets, content }: FileAttributes, { sha256: sum, filled }: FileState): boolean {
  return sum !== undefined && sum === (secrets.length > 0 ? filled : sha256(content));
}

/** Tells the file of a unit from the drop-ins beside it, which are removed before the unit is restarted without them. */
function isUnit(path: string): boolean {
  return /^\/etc\/systemd\/system\/[^/]+$/.test(path);
}

function has(remembered: unknown, what: string): boolean {
  return typeof remembered === 'object' && remembered !== null && what in remembered;
}

function aside(path: string): string {
  return `${stateFolder}/aside${path}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Returns a command that prints the checksums of files with secrets in their desired state. The host fills its secrets into the desired
 * text and computes the checksum, so no secret leaves it. It uses one awk and one sha256sum for all files, and keeps the filled texts in a
 * private folder until then.
 */
function filledSums(files: readonly ResourceOf<FileAttributes>[]): Command {
  return lines(
    sh`private_folder`,
    ...files.map(({ id, attributes }, index) =>
      lines(sh`printf '%s' ${attributes.content} >"$private/${index + 1}"`, sh`printf 'as\t%s\t%s\n' ${index + 1} ${id}`),
    ),
    sh`fill_in_secrets "$private" ${files.map(({ attributes }) => attributes.secrets.join(' '))}`,
    sh`( cd "$private" && sha256sum -- *.filled 2>/dev/null )`,
  );
}
