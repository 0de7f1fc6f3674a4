import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import * as JsonRpc from './JsonRpc.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A node that gives `body`, whatever it is asked; a function sees the request. */
const answering = (
  body: string | ((request: { readonly id: number; readonly method: string; readonly params: unknown }) => string),
  status = 200,
) =>
  serve(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : body(JSON.parse(Buffer.concat(chunks).toString())))
  })

const ask = async (url: string, options: { readonly timeoutMs?: number; readonly maxBytes?: number } = {}) => {
  try {
    return await JsonRpc.open({ url, timeoutMs: 2_000, ...options }).request('eth_chainId', [])
  } catch (error) {
    return error instanceof JsonRpc.RequestError ? error.code : error
  }
}

describe('request', () => {
  test('worked example: the result, and what was sent', async () => {
    let sent: unknown
    const url = await answering((request) => {
      sent = request
      return JSON.stringify({ jsonrpc: '2.0', id: request.id, result: ['0x1', null] })
    })
    expect(await JsonRpc.open({ url, timeoutMs: 2_000 }).request('eth_call', [{ to: '0x' }])).toEqual(['0x1', null])
    expect(sent).toEqual({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: '0x' }] })
  })

  test('edge: a null result is an answer, no result is none', async () => {
    expect(await ask(await answering('{"jsonrpc":"2.0","id":1,"result":null}'))).toBeNull()
    expect(await ask(await answering('{"jsonrpc":"2.0","id":1}'))).toBe('RPC_MALFORMED')
  })

  test.each([
    ['a page', '<html>busy</html>'],
    ['nothing', ''],
    ['half an answer', '{"jsonrpc":"2.0","id":1,"resu'],
    ['the answer to another question', '{"jsonrpc":"2.0","id":2,"result":"0x1"}'],
    ['an id of another type', '{"jsonrpc":"2.0","id":"1","result":"0x1"}'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"result":"0x1"}]'],
    ['another protocol', '{"id":1,"result":"0x1"}'],
    ['null', 'null'],
  ])('error: malformed, %s', async (_, body) => {
    expect(await ask(await answering(body))).toBe('RPC_MALFORMED')
  })

  test('error: what the node says, by what it means', async () => {
    const saying = (code: number, message: string) => answering(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } }))
    expect(await ask(await saying(-32001, 'Resource not found'))).toBe('RPC_BLOCK_UNKNOWN')
    expect(await ask(await saying(-32000, 'header not found'))).toBe('RPC_BLOCK_UNKNOWN')
    expect(await ask(await saying(-32000, 'hash 0xabc is not currently canonical'))).toBe('RPC_BLOCK_UNKNOWN')
    expect(await ask(await saying(-32601, 'the method does not exist'))).toBe('RPC_ANSWERED_ERROR')
    expect(await ask(await answering('{"jsonrpc":"2.0","id":1,"error":"no","result":"0x1"}'))).toBe('RPC_ANSWERED_ERROR')
  })

  test('bug: a node that repeated the address it was asked at told everybody the key in it', async () => {
    const saying = async (path: string, message: string) => {
      const url = await answering(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message } }))
      const asked = JsonRpc.open({ url: `${url}${path}`, timeoutMs: 2_000 }).request('eth_chainId', [])
      return asked.catch((error: unknown) => (error instanceof JsonRpc.RequestError ? [error.code, error.detail] : error))
    }
    const key = 'a1b2c3d4e5f6'
    expect(await saying(`/v2/${key}`, `project ${key} is over its limit at /v2/${key}`)).toEqual([
      ...['RPC_ANSWERED_ERROR', 'project … is over its limit at /v2/…'],
    ])
    for (const path of [`/?apikey=${key}`, `/${key}/`, `/v3/${key}?x=1#top`])
      expect(await saying(path, `no such key: ${key}`)).toEqual(['RPC_ANSWERED_ERROR', 'no such key: …'])
    // However long what stands before it is: it is hidden first, and cut then.
    expect(await saying(`/${key}`, `${'x'.repeat(195)}${key}`)).toEqual(['RPC_ANSWERED_ERROR', `${'x'.repeat(195)}…`])
    // As it was written, and as it is sent.
    expect(await saying('/se%2Fcret-words', 'no se/cret-words, no se%2Fcret-words')).toEqual(['RPC_ANSWERED_ERROR', 'no …, no …'])
    // What is shorter than eight is a word.
    expect(await saying('/1234abcd/1234abc', 'no 1234abcd, no 1234abc')).toEqual(['RPC_ANSWERED_ERROR', 'no …, no 1234abc'])
    expect(await saying('/v2/mainnet', 'header not found on mainnet, v2')).toEqual(['RPC_BLOCK_UNKNOWN', 'header not found on mainnet, v2'])
  })

  test('error: statuses', async () => {
    expect(await ask(await answering('busy', 503))).toBe('RPC_HTTP_STATUS')
    expect(await ask(await answering('slow down', 429))).toBe('RPC_RATE_LIMITED')
    expect(await ask(await answering('{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit"}}', 400))).toBe('RPC_ANSWERED_ERROR')
    const elsewhere = await answering('{"jsonrpc":"2.0","id":1,"result":"0x1"}')
    const moved = await serve((_, response) => response.writeHead(307, { location: elsewhere }).end())
    expect(await ask(moved)).toBe('RPC_UNREACHABLE')
  })

  test('error: too large, said or not', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'x'.repeat(2_000) })
    expect(await ask(await answering(body), { maxBytes: 1_000 })).toBe('RPC_BODY_TOO_LARGE')
    const endless = await serve((_, response) => {
      response.on('error', () => {})
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    expect(await ask(endless, { maxBytes: 10_000 })).toBe('RPC_BODY_TOO_LARGE')
    expect(await ask(await answering(body), { maxBytes: body.length })).toBe('x'.repeat(2_000))
    const said = (length: number) => serve((_, response) => response.writeHead(200, { 'content-length': length }).end(body))
    expect(await ask(await said(body.length), { maxBytes: body.length })).toBe('x'.repeat(2_000))
    expect(await ask(await said(body.length), { maxBytes: body.length - 1 })).toBe('RPC_BODY_TOO_LARGE')
  })

  test('error: no answer in time, before the body or within it', async () => {
    expect(await ask(await serve(() => {}), { timeoutMs: 60 })).toBe('RPC_TIMEOUT')
    const dripping = await serve((_, response) => response.write('{"jsonrpc"'))
    expect(await ask(dripping, { timeoutMs: 60 })).toBe('RPC_TIMEOUT')
  })

  test('error: nobody there, and the url is not quoted', async () => {
    const url = await answering('')
    for (const server of servers) server.close()
    const client = JsonRpc.open({ url: `${url}/secret-key`, timeoutMs: 2_000 })
    const error = await client.request('eth_chainId', []).then(
      () => null,
      (reason: JsonRpc.RequestError) => reason,
    )
    expect(error).toMatchObject({ code: 'RPC_UNREACHABLE', detail: 'ECONNREFUSED' })
    expect(`${error?.message} ${error?.hint} ${error?.cause}`).not.toContain('secret-key')
  })
})
