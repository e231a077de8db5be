import { expect, test } from 'vitest';
import { recognize } from '../../src/application/detect.ts';

test.each<readonly [string, Readonly<Record<string, string>>, true | undefined]>([
  ['a form', { 'index.php': "<?php if ($_POST) mail('a@b.example', 'Hello', $_POST['text']);" }, true],
  ['a script in another namespace', { 'index.php': '<?php @\\mail ($to, $subject, $text);' }, true],
  ['WordPress', { 'index.php': '', 'wp-load.php': '', 'wp-settings.php': '' }, true],
  ['a method of that name', { 'index.php': '<?php $x->mail(); Mail::mail(); email(); \\Own\\mail(); $mail(); ' }, undefined],
  ['a function of its own', { 'index.php': '<?php function mail($to) {}' }, undefined],
  ['a library alone', { 'index.php': '', 'vendor/a/mailer.php': '<?php mail($to);' }, undefined],
  ['pages', { 'index.html': 'mail(a)' }, undefined],
])('%s: whether it sends mail with mail()', (_, files, expected) => {
  expect(recognize(Object.keys(files), (path) => files[path] ?? '').sendsMail).toBe(expected);
});

test('a script that cannot be read is reported when it is sent', () => {
  const text = () => {
    throw new Error('EACCES');
  };
  expect(recognize(['a.php'], text).sendsMail).toBeUndefined();
});
