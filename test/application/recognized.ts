import type { Recognized } from '../../src/application/detect.ts';
import { noRouting } from '../../src/application/routing/routing.ts';

/** A PHP application that no framework recognizes, served as a whole. */
export const plainPhp: Recognized = {
  name: 'a PHP application',
  runtime: 'php',
  docroot: '.',
  shared: [],
  writable: [],
  healthPath: '/',
  routing: noRouting,
  rules: [],
  links: {},
  files: {},
  remarks: [],
  written: [],
};
