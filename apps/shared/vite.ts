// What both apps' vite.config.ts say: the plugins, the budget for JavaScript, and how `npm run dev` finds a running stack.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import react from '@vitejs/plugin-react'
import type { Plugin, UserConfig } from 'vite'

/** Initial JavaScript of an app, in bytes gzipped. A build that exceeds it fails. */
const BUDGET = 200_000

/**
 * The configuration of an app.
 *
 * @param devPort where `npm run dev` serves it
 * @param appPort where `cargo xtask dev` serves it; its `/config.json` is used by `npm run dev` too. Another place can be
 *   given by the environment variable APP_URL.
 */
export function appConfig({ devPort, appPort }: { devPort: number; appPort: number }): UserConfig {
  const stack = process.env.APP_URL ?? `http://127.0.0.1:${appPort}`
  return {
    plugins: [react(), budget(), compressed()],
    build: { target: 'es2023', modulePreload: { polyfill: false }, reportCompressedSize: false },
    server: {
      port: devPort,
      strictPort: true,
      proxy: { '/config.json': { target: stack, configure: explain(stack) } },
    },
  }
}

type Configure = NonNullable<
  Extract<NonNullable<NonNullable<UserConfig['server']>['proxy']>[string], object>['configure']
>

/** Without a stack, the page gets a sentence instead of a broken connection. */
function explain(stack: string): Configure {
  return (proxy) => {
    proxy.on('error', (_error, _request, response) => {
      if (!('writeHead' in response)) return
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(`No stack answers at ${stack}. Start one with \`cargo xtask dev\`, or set APP_URL.`)
    })
  }
}

/** Fails the build when what a first visit loads has grown beyond the budget. */
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
      this.info(`initial JavaScript: ${(size / 1000).toFixed(1)} kB gzipped of ${BUDGET / 1000} kB`)
      if (size > BUDGET) this.error(`initial JavaScript is ${size} bytes gzipped, more than ${BUDGET}`)
    },
  }
}

/** Puts a `.br` and a `.gz` beside each file of text, for servers that hand them out as they are. */
function compressed(): Plugin {
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
