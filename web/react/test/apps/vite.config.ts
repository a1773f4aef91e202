import { defineConfig } from 'vite';

// In development, the chat's paths lead to the local gateway, as if it were the same site.
export default defineConfig({
  server: { proxy: { '/live-chat': { target: process.env.CHAT ?? 'http://localhost:8000', ws: true } } },
});
