// Vite configuration of both apps: page and manifest, plugins, size budget of the initial JavaScript, proxy of `npm run dev` to a running stack.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import react from '@vitejs/plugin-react'
import type { Plugin, UserConfig } from 'vite'

/** Maximum size of the initial JavaScript of an app, gzipped. A build that exceeds it fails. */
const BUDGET_BYTES = 150_000

/** Page, icons and other files that both apps serve. */
const PAGE = join(import.meta.dirname, 'page')

/** Name of an app in titles, and in the list of installed apps. */
interface Identity {
  name: string
  shortName: string
  description: string
}

/**
 * Returns the configuration of an app.
 *
 * @param devPort port of `npm run dev`
 * @param appPort port of `cargo xtask dev`; `npm run dev` uses its `/config.json`. The environment variable APP_URL names
 *   another address.
 */
export function appConfig({
  devPort,
  appPort,
  ...identity
}: Identity & { devPort: number; appPort: number }): UserConfig {
  const stack = process.env.APP_URL ?? `http://127.0.0.1:${appPort}`
  return {
    plugins: [react(), page(identity), manifest(identity), preloadFont(), budget(), compressed()],
    publicDir: join(PAGE, 'public'),
    build: { target: 'es2023', modulePreload: { polyfill: false }, reportCompressedSize: false },
    server: {
      port: devPort,
      strictPort: true,
      proxy: { '/config.json': { target: stack, configure: explainMissingStack(stack) } },
    },
  }
}

type Configure = NonNullable<
  Extract<NonNullable<NonNullable<UserConfig['server']>['proxy']>[string], object>['configure']
>

/** Responds with instructions if the stack is not reachable. */
function explainMissingStack(stack: string): Configure {
  return (proxy) => {
    proxy.on('error', (_error, _request, response) => {
      if (!('writeHead' in response)) return
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(
        `The stack at ${stack} is not reachable. Start it with \`cargo xtask dev\`, or set APP_URL.`,
      )
    })
  }
}

/** Replaces the entry of the app by the page of both apps, with its name and description. */
function page({ name, description }: Identity): Plugin {
  return {
    name: 'page',
    transformIndexHtml: {
      // Before Vite reads the scripts of the page.
      order: 'pre',
      handler: async () =>
        (await readFile(join(PAGE, 'index.html'), 'utf8'))
          .replaceAll('%NAME%', name)
          .replaceAll('%DESCRIPTION%', description),
    },
  }
}

/** Serves and emits the manifest of the app. */
function manifest({ name, shortName, description }: Identity): Plugin {
  const path = 'manifest.webmanifest'
  const source = JSON.stringify({
    name,
    short_name: shortName,
    description,
    start_url: '/',
    display: 'standalone',
    background_color: '#faf9f7',
    theme_color: '#d2440f',
    icons: [
      { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
      { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
    ],
  })
  return {
    name: 'manifest',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: path, source })
    },
    configureServer: ({ middlewares }) => {
      middlewares.use(`/${path}`, (_request, response) => {
        response.setHeader('content-type', 'application/manifest+json')
        response.end(source)
      })
    },
  }
}

/** Preloads the font of the Latin alphabet, which the style sheet would request only after it has been parsed. */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((file) => /inter-latin-wght-normal.*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: true },
            injectTo: 'head' as const,
          })),
    },
  }
}

/** Fails the build if the initial JavaScript exceeds the budget. */
function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      const initial = new Set<string>()
      const add = (name: string) => {
        const chunk = chunks.find((chunk) => chunk.fileName === name)
        if (!chunk || initial.has(name)) return
        initial.add(name)
        chunk.imports.forEach(add)
      }
      chunks.filter((chunk) => chunk.isEntry).forEach((chunk) => add(chunk.fileName))
      const size = chunks
        .filter((chunk) => initial.has(chunk.fileName))
        .reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0)
      this.info(`initial JavaScript: ${(size / 1000).toFixed(1)} kB gzipped of ${BUDGET_BYTES / 1000} kB`)
      if (size > BUDGET_BYTES)
        this.error(`initial JavaScript is ${size} bytes gzipped, more than ${BUDGET_BYTES}`)
    },
  }
}

/** Writes a `.br` and a `.gz` file next to each text file, for servers that serve precompressed files. */
export function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = 'dist' }, bundle) {
      const texts = Object.values(bundle).filter(({ fileName }) => /\.(js|css|html|svg)$/.test(fileName))
      await Promise.all(
        texts.flatMap((file) => {
          const content = Buffer.from(file.type === 'chunk' ? file.code : file.source)
          const path = join(dir, file.fileName)
          return [
            writeFile(`${path}.br`, brotliCompressSync(content)),
            writeFile(`${path}.gz`, gzipSync(content, { level: 9 })),
          ]
        }),
      )
    },
  }
}
