import type { Command } from 'commander';
import { bash } from './completion/bash.ts';
import { fish } from './completion/fish.ts';
import { wordsOf } from './completion/words.ts';
import { zsh } from './completion/zsh.ts';

const shells = { bash, zsh, fish };

export type Shell = keyof typeof shells;

/**
 * Returns a script that completes the commands, options and hosts in a shell. While somebody types, it starts this program only to list
 * sandboxes.
 */
export function completion(program: Command, shell: Shell): string {
  return shells[shell](wordsOf(program));
}
