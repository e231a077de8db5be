// Started by watch.ts. Writes every different text that it finds to the file named by its argument, and how often it looked to standard
// output.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Looks at which a process still counts as young: until it has become what it was started for. */
const young = 30;
/** Of the older ones, one in so many looks is enough. */
const pace = 50;

const texts = new Set();
const ages = new Map();
const pause = new Int32Array(new SharedArrayBuffer(4));
let looks = 0;
let over = false;

function read(pid) {
  for (const name of ['cmdline', 'environ']) {
    try {
      texts.add(readFileSync(`/proc/${pid}/${name}`, 'latin1'));
    } catch {
      // It has ended meanwhile.
    }
  }
}

function look() {
  looks++;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d/.test(pid)) continue;
    const age = (ages.get(pid) ?? 0) + 1;
    ages.set(pid, age);
    if (age <= young || (age + Number(pid)) % pace === 0) read(pid);
  }
  Atomics.wait(pause, 0, 0, 1);
  if (!over) return setImmediate(look);
  writeFileSync(process.argv[2], [...texts].join('\n'));
  process.stdout.write(`${looks}\n`);
}

process.stdin.resume().once('end', () => {
  over = true;
});
process.stdout.write('watching\n');
look();
