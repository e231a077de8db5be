import type { Build } from '../definition.ts';
import type { Files } from '../detected.ts';
import { isSelfContained } from './detect.ts';
import { lockedIn, manifestOf, objectIn } from './manifest.ts';

/**
 * Returns what is sent of an application's dependencies, as patterns of `.gitignore`: the host has no npm, so `node_modules` is sent, without
 * the packages that its lock file says are for development alone, and without caches of builds.
 */
export function sendingRules(files: Files): readonly string[] {
  if (!files.has('package.json') || isSelfContained(files)) return [];
  const locked = Object.entries(lockedIn(files));
  const forDevelopment = new Set(locked.flatMap(([folder, each]) => (objectIn(each).dev === true ? [folder] : [])));
  const outermost = [...forDevelopment].filter((folder) => !parentsOf(folder).some((parent) => forDevelopment.has(parent)));
  return ['!/node_modules/', '/node_modules/.cache/', '/.next/cache/', ...outermost.map((folder) => `/${folder}/`)];
}

/** Returns the packages in whose `node_modules` a package is. */
function parentsOf(folder: string): readonly string[] {
  return [...folder.matchAll(/\/node_modules\//g)].map(({ index }) => folder.slice(0, index));
}

/** Returns the commands that install an application's dependencies and build it, as after a fresh clone. */
export function usualBuild(files: Files): Build | undefined {
  const manifest = manifestOf(files);
  if (!manifest || isSelfContained(files) || manifest.dependencies.length === 0) return undefined;
  const isLocked = files.has('package-lock.json') || files.has('npm-shrinkwrap.json');
  const install = isLocked ? 'npm ci' : 'npm install --no-package-lock';
  return {
    makes: 'node_modules',
    commands: manifest.scripts.build === undefined ? [`${install} --omit=dev`] : [install, 'npm run build'],
  };
}
