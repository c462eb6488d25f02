import { describe, expect, test } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const SHEETS = Object.keys(import.meta.glob('../../node_modules/@mantine/core/styles/*.css', { query: '?url' }));

describe('The style sheets of the controls', () => {
  test('are there for each control that is used', () => {
    const sources = Object.entries(SOURCES).filter(([file]) => !file.includes('.test.') && !file.includes('/testing/'));
    const imported = sources.flatMap(([, source]) => [...source.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)]);
    const used = new Set(imported.flatMap(([, names = '']) => names.split(',').map((name) => name.trim())));
    const styled = [...used].filter((name) => SHEETS.some((sheet) => sheet.endsWith(`/${name}.css`)));
    expect(styled).toContain('Button');
    const sheets = SOURCES['./controls.ts'] ?? '';
    expect(styled.filter((name) => !sheets.includes(`/${name}.css`))).toEqual([]);
  });
});
