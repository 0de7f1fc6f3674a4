/** The built page, as the gateway serves it. */
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Answers with a file of the build; `/` is the page. */
export async function serve(dist: string, url: string, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(url, 'http://edge').pathname)
  const file = join(dist, path === '/' ? 'index.html' : path)
  try {
    const body = await readFile(file)
    // As the gateway serves it: scripts and connections of this origin only.
    response.setHeader(
      'content-security-policy',
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
    )
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}
