/** The pages of the settings, in the order in which they are listed. */
export const PAGES = [
  { page: 'accounts', label: 'Accounts' },
  { page: 'calendars', label: 'Calendars' },
  { page: 'dashboard', label: 'Sync dashboard' },
  { page: 'view', label: 'View' },
  { page: 'desktop', label: 'Desktop' },
  { page: 'data', label: 'History and data' },
] as const;

/** One of them. */
export type SettingsPage = (typeof PAGES)[number]['page'];
