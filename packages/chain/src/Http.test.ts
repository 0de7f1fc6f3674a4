import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import * as Http from './Http.ts'

/** A body in chunks, and whether the rest of it was given up. */
function streamed(chunks: readonly string[]) {
  const state = { sent: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[state.sent]
        if (chunk === undefined) return controller.close()
        state.sent += 1
        controller.enqueue(new TextEncoder().encode(chunk))
      },
      cancel: () => {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { state, stream }
}

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

describe('read', () => {
  test('worked example: all chunks, as one text', async () => {
    const { stream } = streamed(['one ', 'two ', 'é'])
    expect(await Http.read(new Response(stream), 10)).toBe('one two é')
    expect(await Http.read(new Response(null), 0)).toBe('')
  })

  test('edge: a letter may be cut in two', async () => {
    const [first, second] = Buffer.from('é')
    const stream = new ReadableStream({
      start: (controller) => {
        for (const byte of [first, second]) controller.enqueue(Uint8Array.of(byte ?? 0))
        controller.close()
      },
    })
    expect(await Http.read(new Response(stream), 2)).toBe('é')
  })

  test('error: what is longer is not read to its end', async () => {
    const exact = streamed(['12345', '67890'])
    expect(await Http.read(new Response(exact.stream), 10)).toBe('1234567890')
    const longer = streamed(['12345', '678901', 'more', 'more'])
    expect(await Http.read(new Response(longer.stream), 10)).toBe(null)
    expect(longer.state).toEqual({ sent: 2, cancelled: true })
  })

  test('error: what says that it is longer is not read at all', async () => {
    const { state, stream } = streamed(['1234567890'])
    expect(await Http.read(new Response(stream, { headers: { 'content-length': '11' } }), 10)).toBe(null)
    expect(state).toEqual({ sent: 0, cancelled: true })
    const exact = streamed(['1234567890'])
    expect(await Http.read(new Response(exact.stream, { headers: { 'content-length': '10' } }), 10)).toBe('1234567890')
  })

  test('error: what grows when it is unpacked', async () => {
    const bomb = gzipSync('0'.repeat(10_000_000))
    await using server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await Http.read(await fetch(server.url), 100_000)).toBe(null)
  })
})

describe('reasonOf', () => {
  test('worked example: the code of what went wrong, and never the address', async () => {
    const gone = await serve(() => {})
    await gone[Symbol.asyncDispose]()
    const refused = await fetch(`${gone.url}/?key=secret`).catch((error: unknown) => error)
    expect(Http.reasonOf(refused)).toBe('ECONNREFUSED')
    for (const error of [
      new Error('https://secret'),
      'secret',
      new Error('secret', { cause: 'secret' }),
      new Error('', { cause: new Error('secret') }),
    ])
      expect(Http.reasonOf(error)).toBe('the connection failed')
  })
})

describe('isProtected', () => {
  test.each([
    ['https://a.example/x', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost', true],
    ['http://[::1]:1/', true],
    ['http://a.example', false],
    ['http://127.0.0.1.a.example', false],
    ['http://localhost@a.example', false],
    ['ftp://127.0.0.1', false],
    ['a.example', false],
    ['', false],
  ])('edge: %s: %s', (url, isProtected) => {
    expect(Http.isProtected(url)).toBe(isProtected)
  })
})
