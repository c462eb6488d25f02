import { defineConfig } from 'vitest/config';

/** Whatever concerns time must not depend on where the machine stands, so those tests run in four places. */
const ZONES = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Asia/Kolkata'];
const TIME = ['src/time/**/*.test.ts', 'src/host/**/*.test.ts', 'src/views/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: ZONES.map((zone) => ({
      test: {
        name: zone,
        env: { TZ: zone },
        // A loaded machine is slow at showing whole screens; what waits for something gives up earlier by itself.
        testTimeout: 30_000,
        // The only style sheet that a test reads.
        css: { include: [/hues\.css/] },
        include: zone === 'UTC' ? ['src/**/*.test.{ts,tsx}'] : TIME,
      },
    })),
  },
});
