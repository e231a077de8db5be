import type { Command } from 'commander';
import { bash } from './completion/bash.ts';
import { fish } from './completion/fish.ts';
import { wordsOf } from './completion/words.ts';
import { zsh } from './completion/zsh.ts';

const shells = { bash, zsh, fish };

export type Shell = keyof typeof shells;

/** A script that teaches a shell our commands, options and hosts. It starts nothing of ours while somebody types, but to list sandboxes. */
export function completion(program: Command, shell: Shell): string {
  return shells[shell](wordsOf(program));
}
