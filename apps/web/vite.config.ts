import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where the gateway is while developing: the page and its API must share one origin. */
const gateway = process.env['PLIMSOLL_GATEWAY'] ?? 'http://127.0.0.1:4600'

export default defineConfig(({ command }) => {
  // Whoever builds, a test among them, builds what people get: React's development build is twice the size.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  return {
    root: import.meta.dirname,
    plugins: [react(), tailwindcss()],
    build: { target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: true },
    server: { host: '127.0.0.1', proxy: { '/trpc': { target: gateway, changeOrigin: true } } },
  }
})
