import { expect, it } from 'vitest';
import { placeWords } from './place';

it.each([
  ['Team', 'mara@northlight.example', 'Team · mara@northlight.example'],
  ['mara@northlight.example', 'mara@northlight.example', 'mara@northlight.example'],
])('the calendar %s of %s', (remote_name, account, words) => expect(placeWords({ remote_name, account })).toBe(words));
