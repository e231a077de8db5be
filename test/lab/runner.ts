import { TestRunner } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';

type File = Parameters<NonNullable<TestRunner['onCollectStart']>>[0];
type Task = File['tasks'][number];

/** Leaves out all of the lab, its hooks too, on a machine that cannot make hosts. */
export default class extends TestRunner {
  onCollected(files: readonly File[]): void {
    if (unsupported() !== undefined) files.forEach(leaveOut);
  }
}

function leaveOut(task: Task): void {
  task.mode = 'skip';
  if (task.type === 'suite') task.tasks.forEach(leaveOut);
}
