/** The window's Mantine theme and its CSS variables. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';
import { GROUND, HUES, hueColor, type Role, type Scheme } from './hues';

const ROLES: readonly Role[] = ['solid', 'tint', 'strong', 'text', 'line'];

/** The one accent: the indigo of the app icon, from faint to deep. */
const ACCENT: MantineColorsTuple = [
  '#f0f1ff', '#dfe1fd', '#bfc3f8', '#9da3f3', '#8088ee', '#6b74e6', '#5a62d8', '#4a51be', '#3e449c', '#2e3377',
];

const GREY_BLUE: MantineColorsTuple = [
  '#dfe0ea', '#b6b8c9', '#9294a8', '#6f7186', '#4d4f62', '#393a4a', '#2a2b38', '#1f202a', '#191a22', '#15161d',
];

/** Fields are quiet grounds without frames. */
const FIELD = { size: 'xs', variant: 'filled' } as const;

/** What all controls share: system type, 13 px, radius 6, no shouting. */
export const THEME = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  colors: { accent: ACCENT, dark: GREY_BLUE },
  fontFamily: 'var(--font)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.4', lg: '1.4', xl: '1.3' },
  radius: { xs: '4px', sm: '6px', md: '6px', lg: '10px', xl: '14px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  headings: { fontWeight: '600' },
  components: {
    Tooltip: { defaultProps: { openDelay: 400, closeDelay: 60, transitionProps: { duration: 120 }, withinPortal: true } },
    Popover: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' } } },
    Menu: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' } } },
    Button: { defaultProps: { size: 'compact-md' } },
    Checkbox: { defaultProps: { size: 'xs', radius: 4 } },
    SegmentedControl: { defaultProps: { withItemsBorders: false, radius: 'lg' } },
    TextInput: { defaultProps: FIELD },
    Textarea: { defaultProps: FIELD },
    NumberInput: { defaultProps: FIELD },
    NativeSelect: { defaultProps: FIELD },
    Autocomplete: { defaultProps: FIELD },
    DatePickerInput: { defaultProps: FIELD },
    Select: { defaultProps: { ...FIELD, checkIconPosition: 'right', comboboxProps: { transitionProps: { duration: 100 } } } },
  },
});

/** Where the control library's own colours give way to ours. */
const CONTROLS: Record<Scheme, Record<string, string>> = {
  light: {
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-body': 'var(--raised)',
    '--mantine-color-dimmed': 'var(--ink-soft)',
    '--mantine-color-placeholder': '#82849a',
    '--mantine-color-default-border': 'rgb(24 26 56 / 14%)',
    '--mantine-color-accent-light': 'var(--accent-wash)',
    '--mantine-color-accent-light-hover': 'rgb(90 98 216 / 16%)',
    '--mantine-color-accent-light-color': 'var(--accent-ink)',
    '--mantine-color-red-light-color': 'var(--bad)',
    '--mantine-color-gray-light-color': 'var(--ink-soft)',
    '--mantine-color-error': 'var(--bad)',
  },
  dark: {
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-body': 'var(--raised)',
    '--mantine-color-dimmed': 'var(--ink-soft)',
    '--mantine-color-placeholder': '#85879c',
    '--mantine-color-default': 'rgb(226 228 255 / 4%)',
    '--mantine-color-default-hover': 'rgb(226 228 255 / 8%)',
    '--mantine-color-default-border': 'rgb(226 228 255 / 14%)',
    '--mantine-color-accent-light': 'var(--accent-wash)',
    '--mantine-color-accent-light-hover': 'rgb(139 147 247 / 24%)',
    '--mantine-color-accent-light-color': 'var(--accent-ink)',
    '--mantine-color-red-light-color': 'var(--bad)',
    '--mantine-color-gray-light-color': 'var(--ink-soft)',
    '--mantine-color-error': 'var(--bad)',
  },
};

function hueVariables(scheme: Scheme): Record<string, string> {
  const pairs = HUES.flatMap((hue, index) => ROLES.map((role) => [`--hue-${index}-${role}`, hueColor(hue, role, scheme)]));
  return { ...Object.fromEntries(pairs), '--ground': GROUND[scheme], ...CONTROLS[scheme] };
}

/** Hands the hues to the style sheets, for both themes. */
export const RESOLVER: CSSVariablesResolver = () => ({
  variables: {},
  light: hueVariables('light'),
  dark: hueVariables('dark'),
});
