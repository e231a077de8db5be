import { afterEach, beforeEach, vi } from 'vitest';

/** Captures the standard output and standard error of each test of a file. */
export function captured(): { readonly out: string; readonly err: string } {
  const written = { out: '', err: '' };
  beforeEach(() => {
    Object.assign(written, { out: '', err: '' });
    for (const [stream, name] of [
      ['stdout', 'out'],
      ['stderr', 'err'],
    ] as const)
      vi.spyOn(process[stream], 'write').mockImplementation((text) => {
        written[name] += String(text);
        return true;
      });
  });
  afterEach(() => void vi.restoreAllMocks());
  return written;
}
