import { describe, expect, it } from 'vitest';
import { isSafeLink, linkify } from './links';

describe('isSafeLink', () => {
  it.each(['https://example.org', 'http://localhost:3000/a?b'])('opens %s', (url) => expect(isSafeLink(url)).toBe(true));
  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'mailto:a@b.c', 'JaVaScRiPt:1', '//example.org', 'example.org', ''])('never %j', (url) =>
    expect(isSafeLink(url)).toBe(false),
  );
});

describe('linkify', () => {
  const parts = (text: string) => linkify(text).map(({ text: piece, isLink }) => (isLink ? `[${piece}]` : piece));
  it('finds links and leaves the full stop behind', () => {
    expect(parts('See https://a.example/x. Or (http://b.example/?q=1), please')).toEqual(['See ', '[https://a.example/x]', '. Or (', '[http://b.example/?q=1]', '), please']);
  });
  it('leaves text alone', () => expect(parts('no links here')).toEqual(['no links here']));
});
