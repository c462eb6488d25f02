import { describe, expect, it } from 'vitest';
import { calendarColor, GROUND, HUES, hueColor, nearestHue, type Scheme } from './hues';
import sheet from './hues.css?raw';
import { contrast, fromHex, toHex } from './oklch';

describe.each<Scheme>(['light', 'dark'])('%s', (scheme) => {
  it.each(HUES.map((hue) => [hue.name, hue] as const))('%s can be read', (_, hue) => {
    const color = (role: Parameters<typeof hueColor>[1]) => hueColor(hue, role, scheme);
    expect(contrast(color('text'), color('tint'))).toBeGreaterThan(7);
    expect(contrast(color('text'), color('strong'))).toBeGreaterThan(4.5);
    expect(contrast(color('text'), GROUND[scheme])).toBeGreaterThan(4.5);
    expect(contrast(color('solid'), GROUND[scheme])).toBeGreaterThan(3);
  });

  it('gives every hue the same weight', () => {
    const weights = HUES.map((hue) => fromHex(hueColor(hue, 'solid', scheme)).lightness);
    expect(Math.max(...weights) - Math.min(...weights)).toBeLessThan(0.01);
  });
});

describe('nearestHue', () => {
  it('finds every hue again', () => {
    for (const index of HUES.keys()) expect(nearestHue(calendarColor(index))).toBe(index);
  });
  it.each([['#d50000', 'Tomato'], ['#f6bf26', 'Amber'], ['#0b8043', 'Fern'], ['#3f51b5', 'Indigo'], ['#616161', 'Graphite'], ['#8e24aa', 'Grape'], ['#039be5', 'Sky']])(
    'takes %s for %s',
    (color, name) => expect(HUES[nearestHue(color)]?.name).toBe(name),
  );
  it('takes what is no colour for the first hue', () => expect(nearestHue('tomato')).toBe(0));
});

it('goes to OKLCH and back', () => {
  for (const hex of ['#5a62d8', '#ffffff', '#000000', '#d50000', '#33b679']) expect(toHex(fromHex(hex))).toBe(hex);
});

it('has colours for each hue', () => {
  for (const index of HUES.keys()) {
    const colors = (['solid', 'tint', 'strong', 'text', 'line'] as const).map((role) => `--${role}: var(--hue-${index}-${role});`);
    expect(sheet).toContain(`[data-hue='${index}'] { ${colors.join(' ')} }`);
  }
});
