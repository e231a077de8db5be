import type { Build } from '../runtimes/definition.ts';
import { filesNamed } from '../runtimes/detected.ts';
import {
  answersEveryAddress,
  type DetectedWithRuntime,
  detectRuntime,
  type RuntimeName,
  sendingRulesOf,
  usualBuildOf,
} from '../runtimes/index.ts';
import { applicationRouting } from './application-routing.ts';
import { composerOf, requiredExtensions } from './frameworks/composer.ts';
import { filesOf, installationOf, type Known, knownIn, linksIn, nestedIn, pathsIn, sendingRules } from './frameworks/known.ts';
import { docrootByHtaccess } from './htaccess/docroot.ts';
import { readHtaccess } from './htaccess/read.ts';
import { logsToStderr } from './logs-to-stderr.ts';
import { noRouting, type Routing } from './routing/routing.ts';
import { sendsMail } from './sends-mail.ts';
import { writtenSettings } from './written-settings.ts';

/** An application as detected from its files, with the runtime that serves it. */
export interface Recognized extends DetectedWithRuntime {
  /** Set if a framework recognizes it by name. */
  readonly isKnown?: true;
  /** How its addresses are answered, apart from files. */
  readonly routing: Routing;
  /**
   * Files that development leaves behind and that are not sent, as `.gitignore` patterns. Those with `!` are sent although other
   * applications exclude them.
   */
  readonly rules: readonly string[];
  /** Links that a release has even if they are not sent, each with its target. */
  readonly links: Readonly<Record<string, string>>;
  /** The text of files that a release has even if they are not sent, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** A sentence for each `.htaccess` file with directives that have no effect here. */
  readonly remarks: readonly string[];
  /** The address at which it is set up, if its front page does not lead there. */
  readonly installer?: string;
  /** Those of its shared paths that are missing until its installer writes them. */
  readonly written: readonly string[];
  /** How it is built if its configuration does not say so. */
  readonly build?: Build;
  /** Set if it sends mail with PHP's `mail()`. */
  readonly sendsMail?: true;
}

/**
 * Recognizes an application by the names of its files (paths with `/`) and the text of a few of them. `stated` is what the
 * configuration says.
 */
export function recognize(
  paths: readonly string[],
  text: (path: string) => string,
  stated: { readonly docroot?: string | undefined; readonly runtime?: RuntimeName | undefined } = {},
): Recognized {
  const files = filesNamed(paths, text);
  const known = knownIn(files);
  const found = known ? detectedOf(known) : detectRuntime(files, stated.runtime);
  const detected = { ...found, docroot: stated.docroot ?? (known ? undefined : docrootByHtaccess(files)) ?? found.docroot };
  // The framework's routes are valid only for the framework's docroot.
  const main = detected.docroot === found.docroot ? known : undefined;
  const served = stated.runtime ?? detected.runtime;
  if (answersEveryAddress(served)) {
    const build = usualBuildOf(served, files);
    const rules = sendingRulesOf(served, files);
    return {
      ...detected,
      runtime: served,
      routing: noRouting,
      rules,
      links: {},
      files: {},
      remarks: [],
      written: [],
      ...(build && { build }),
    };
  }
  const { docroot, runtime } = detected;
  const nested = nestedIn(files, docroot);
  const parts = [...(known ? [known] : []), ...nested];
  const htaccess = readHtaccess(files, docroot);
  const shared = [...detected.shared, ...nested.flatMap((inside) => pathsIn(inside, inside.needs.shared))];
  const writable = [...detected.writable, ...nested.flatMap((inside) => pathsIn(inside, inside.needs.writable))];
  const { php } = composerOf(files);
  const supplied: Recognized['files'] = Object.assign({}, ...parts.map(filesOf));
  const isKept = (path: string) => path in supplied || [...shared, ...writable].some((other) => `${path}/`.startsWith(`${other}/`));
  const written = runtime === 'php' ? writtenSettings(files, docroot).filter((path) => !isKept(path)) : [];
  return {
    ...detected,
    ...(known && { isKnown: true }),
    ...(main?.needs.installer !== undefined && { installer: main.needs.installer }),
    name: [detected.name, ...nested.map(({ name, folder }) => `${name} in ${folder}`)].join(', with '),
    shared: [...shared, ...written],
    written,
    writable,
    logs: parts.flatMap((inside) => pathsIn(inside, inside.needs.logs)),
    ...(runtime === 'php' && php !== undefined && { engine: php }),
    extensions: [...new Set([...requiredExtensions(files), ...parts.flatMap(({ needs }) => needs.extensions ?? [])])],
    settings: { ...main?.needs.settings, ...htaccess.settings },
    environment: htaccess.environment,
    routing: applicationRouting(files, { docroot, runtime, main, nested, htaccess }),
    rules: parts.flatMap(sendingRules),
    links: Object.assign({}, ...parts.map(linksIn)),
    files: supplied,
    remarks: htaccess.remarks,
    ...(runtime === 'php' && logsToStderr(files) && { logsToStderr: true }),
    ...(runtime === 'php' && sendsMail(files, detected.name) && { sendsMail: true }),
  };
}

function detectedOf(known: Known): DetectedWithRuntime {
  const { name, folder, needs } = known;
  const [docroot = folder] = needs.docroot === undefined || needs.docroot === '.' ? [folder] : pathsIn(known, [needs.docroot]);
  return {
    name,
    runtime: 'php',
    docroot,
    shared: pathsIn(known, needs.shared),
    writable: pathsIn(known, needs.writable),
    ...installationOf(known),

    healthPath: needs.healthPath ?? '/',
  };
}

/**
 * Returns a sentence about a detected application: `This is Laravel: public is served, storage is shared by all releases, /up is the health
 * check.`
 */
export function recognizedText({ name, program, docroot, shared, writable, databaseFile, migrate, healthPath }: Recognized): string {
  const parts = [
    ...(program === undefined ? [] : [`it is started with ${program}`]),
    ...(program !== undefined && docroot === '.' ? [] : [`${docroot === '.' ? 'the whole folder' : docroot} is served`]),
    ...(shared.length > 0 ? [`${shared.join(' and ')} ${shared.length > 1 ? 'are' : 'is'} shared by all releases`] : []),
    ...(writable.length > 0
      ? [`${writable.join(' and ')} can be written to and ${writable.length > 1 ? 'are' : 'is'} reset on each release`]
      : []),
    ...(databaseFile === undefined ? [] : [`${databaseFile} is its database`]),
    ...(migrate === undefined ? [] : [`\`${migrate.command}\` runs before a release goes live`]),
    ...(healthPath === '/' ? [] : [`${healthPath} is the health check`]),
  ];
  return `This is ${name}: ${parts.join(', ')}.`;
}
