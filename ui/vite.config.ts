import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    // The oldest web view the shell opens: WebKitGTK of the Safari 16 generation.
    target: 'safari16',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
});
