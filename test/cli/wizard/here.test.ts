import { describe, expect, it } from 'vitest';
import { applicationHere, domainHere } from '../../../src/cli/wizard/project-folder.ts';

const origin = (url: string) =>
  `[core]\n\tbare = false\n[remote "fork"]\n\turl = git@github.com:me/fork.example.org.git\n[remote "origin"]\n\turl = ${url}\n`;

describe('domainHere', () => {
  it.each([
    ['nothing', {}, 'www.foobar.com'],
    ['the folder', { folder: '/home/me/www.example.com' }, 'example.com'],
    ['a folder that is named after a tool', { folder: '/home/me/next.js' }, 'www.foobar.com'],
    ['a folder of a network of its own', { folder: '/home/me/shop.local' }, 'www.foobar.com'],
    ['a release number', { folder: '/home/me/app-1.2' }, 'www.foobar.com'],
    ['a repository over ssh', { git: origin('git@github.com:acme/example.com.git') }, 'example.com'],
    ['a repository over https', { git: origin('https://github.com/acme/shop.example.co.uk') }, 'shop.example.co.uk'],
    ['a repository that is no domain', { git: origin('git@github.com:acme/shop.git'), folder: '/x/example.com' }, 'example.com'],
    ["composer's homepage", { composer: '{ "name": "acme/shop", "homepage": "https://www.example.com/shop" }' }, 'example.com'],
    ["composer's name", { composer: '{ "name": "acme/example.com" }' }, 'example.com'],
    ['the repository before composer', { git: origin('a:b/one.com'), composer: '{ "name": "acme/two.com" }' }, 'one.com'],
  ])('%s', (_, given, domain) => {
    expect(domainHere({ folder: '/home/me/work', names: [], ...given })).toBe(domain);
  });
});

describe('applicationHere', () => {
  it.each([
    [['README.md', 'src'], undefined],
    [['README.md', 'public', 'composer.json'], 'public'],
    [['wp-config.php', 'index.php'], 'index.php'],
    [['composer.json'], 'composer.json'],
  ])('%j', (names, found) => {
    expect(applicationHere({ folder: '/x', names })).toBe(found);
  });
});
