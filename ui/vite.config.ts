import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The library's style sheets come before all of ours, whichever chunk those are in: where both speak, ours are to win. */
const controlsFirst: Plugin = {
  name: 'controls-first',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => {
      const [link] = /<link rel="stylesheet"[^>]*\/controls-[^>]*>/.exec(html) ?? [];
      if (link === undefined) return html;
      return html.replace(link, '').replace('<link rel="stylesheet"', `${link}\n    <link rel="stylesheet"`);
    },
  },
};

/**
 * Two libraries give every element's `::before` and `::after` a rule, so that the web view works out three styles for each
 * element instead of one. What has such a part and needs the rule has one of its own in `base.css`.
 */
const noRuleForEveryPart: Plugin = {
  name: 'no-rule-for-every-part',
  enforce: 'pre',
  transform: (code, id) => {
    if (!/@mantine.core.styles.baseline\.css|@fullcalendar.react.skeleton\.css/.test(id)) return null;
    const spared = code.replace(/,\s*(\.[\w-]+ )?\*:{1,2}(before|after)/g, '');
    if (spared === code) throw new Error(`${id} has no rule for every part any more`);
    return spared;
  },
};

export default defineConfig({
  plugins: [react(), noRuleForEveryPart, controlsFirst],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    // The oldest web view the shell opens: WebKitGTK of the Safari 16 generation.
    target: 'safari16',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'controls', test: /@mantine.(core|dates|notifications).*\.css$|theme.(base\.css|controls\.ts)$/, priority: 10 }] } },
    },
  },
});
