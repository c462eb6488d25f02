// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { looksLikeHtml, sanitise } from './description';

/** Serialises the sanitised tree. */
function clean(text: string): string {
  const box = document.createElement('div');
  box.append(sanitise(text));
  return box.innerHTML;
}

describe('sanitise', () => {
  it('keeps simple markup', () => expect(clean('<p>Bring the <b>numbers</b><br>now</p>')).toBe('<p>Bring the <b>numbers</b><br>now</p>'));

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><circle/></svg>',
    '<iframe src="https://example.org"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<p onclick="alert(1)" style="background:url(https://example.org/a.png)">x</p>',
    '<form action="https://example.org"><input name=a></form>',
    '<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>',
    '<style>@import url(https://example.org)</style>',
    '<link rel=stylesheet href=https://example.org>',
  ])('takes the sting out of %s', (text) => {
    expect(clean(text)).not.toMatch(/script|onerror|onload|onclick|style|iframe|<img|<svg|<form|<input|url\(|javascript/i);
  });
});

it('tells HTML from text', () => {
  expect(looksLikeHtml('a <b>b</b>')).toBe(true);
  expect(looksLikeHtml('5 < 6 and 7 > 3')).toBe(false);
});
