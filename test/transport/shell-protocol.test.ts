import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { shellText } from '../../src/command/shell-text.ts';
import { channelText, commandLine, frame, marks, sessionText } from '../../src/transport/shell-protocol.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const shells = ['sh', 'dash', 'bash', 'zsh', 'ksh', 'fish', 'csh', 'tcsh'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

describe('commandLine', () => {
  const text = `printf '%s\\n' "it's \\$HOME !! \\\\ é" "$#$*"`;

  test.each(shells)('%s passes the text on unchanged', (shell) => {
    expect(execFileSync(shell, ['-c', commandLine(`${text}\n#${'x'.repeat(5000)}`)]).toString()).toBe("it's $HOME !! \\ é\n0\n");
  });

  test('no word is longer than csh takes, and none needs quoting', () => {
    const words = commandLine('x'.repeat(10_000)).split(' sh ').at(-1)?.split(' ') ?? [];
    for (const word of words) expect(word).toMatch(/^[A-Za-z0-9+/=]{1,900}$/);
  });
});

describe('frame', () => {
  test.each([
    ['prints', 'echo out; echo err >&2', 'out\n', 'err\n', 0],
    ['exits', 'echo a; exit 9; echo b', 'a\n', '', 9],
    ['fails under set -e', 'set -e; false; echo b', '', '', 1],
    ['has no newline at its end', 'printf x', 'x', '', 0],
    ['is empty', '', '', '', 0],
    ['reads', 'cat; echo end', 'end\n', '', 0],
    ['holds quotes', `echo 'it'"'"'s' "\\\\"`, "it's \\\n", '', 0],
    ['ends in a comment', 'echo a # no more', 'a\n', '', 0],
    ['contains a here-document', "cat <<'X'\n$a `b`\nX", '$a `b`\n', '', 0],
    ['replaces its shell', 'exec echo gone', 'gone\n', '', 0],
  ])('a script that %s', (_, script, stdout, stderr, code) => {
    const result = spawnSync('sh', { input: frame(shellText(script), nonce, 1) + frame(sh`echo next`, nonce, 2) });
    const { begin, end } = marks(nonce);
    expect(result.stdout.toString()).toBe(`${begin(1)}${stdout}${end(1)}${code};${begin(2)}next\n${end(2)}0;`);
    expect(result.stderr.toString()).toBe(`${begin(1)}${stderr}${end(1)}${begin(2)}${end(2)}`);
  });

  test('a syntax error ends only the script', () => {
    const result = spawnSync('sh', { input: frame(sh`if then`, nonce, 1) + frame(sh`echo next`, nonce, 2) });
    expect(result.stdout.toString()).toMatch(/>1\.[12];.*next\n/s);
    expect(result.stderr.toString()).toMatch(/unexpected/);
  });
});

test.skipIf(process.getuid?.() !== 0)('the session of a root login runs the first frame, then its input', () => {
  const { begin, end } = marks(nonce);
  const text = sessionText(frame(sh`umask; pwd; echo $LC_ALL`, nonce, 0), nonce);
  const result = spawnSync('sh', ['-c', `umask 077; ${commandLine(text)}`], { input: frame(sh`umask`, nonce, 1) });
  expect(result.stdout.toString()).toBe(`${nonce}:out.${begin(0)}0022\n/\nC\n${end(0)}0;${begin(1)}0022\n${end(1)}0;`);
  expect(result.stderr.toString()).toBe(`${nonce}:err.${nonce}:err.${nonce}:root.${begin(0)}${end(0)}${begin(1)}${end(1)}`);
});

test('a channel reads its script from the input and leaves it the rest', () => {
  const script = 'echo script; cat';
  const result = spawnSync('sh', ['-c', commandLine(channelText(script.length, nonce, 'root'))], { input: `${script}the input` });
  expect(result.stdout.toString()).toBe(`${marks(nonce).begin(0)}script\nthe input`);
});

test('only a session behind a password prompt names the prompt to sudo', () => {
  expect(channelText(5, nonce, 'sudo')).toMatch(/^exec sudo -n \/bin\/sh -c '/);
  expect(channelText(5, nonce, 'granted')).toMatch(/^exec sudo -S -p '0123456789abcdef0123456789abcdef:prompt.' \/bin\/sh -c '/);
});

test.each(['sudo', 'granted'] as const)('a sudo that refuses and prints the command is not mistaken for success (%s)', (word) => {
  for (const text of [sessionText('', nonce), channelText(1, nonce, word)]) expect(text).not.toContain(`${nonce}:${word}.`);
});
