/** What is taken from a service that fails, lies or attacks: the server is a local one in the shape of Lit's. */
import { LitService } from '@plimsoll/localnet'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as LitRest from './LitRest.ts'

const apiKey = 'an-api-key/of+32=characters/1234'
const action = 'async function main(params) { return { asked: params } }'

let service: LitService.LitService

const open = (args: Partial<LitRest.open.Args> = {}) =>
  LitRest.open({ url: service.url, apiKey, action, timeoutMs: 5_000, random: () => 0, ...args })

/** Everything that an error shows of itself. */
const shown = (error: unknown) =>
  error instanceof LitRest.RunError ? `${error.why}: ${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error)}` : String(error)

async function lackOf(running: Promise<unknown>): Promise<Pick<LitRest.RunError, 'why' | 'detail'>> {
  try {
    return { why: 'false', detail: `it answered ${JSON.stringify(await running)}` }
  } catch (error) {
    expect(error).toBeInstanceOf(LitRest.RunError)
    expect(error).toMatchObject({ name: 'LitRest.RunError', code: 'LIT_NOT_RUN' })
    expect(shown(error)).not.toContain(apiKey)
    const { why, detail } = error as LitRest.RunError
    return { why, detail }
  }
}

beforeAll(async () => {
  service = await LitService.start({ root: `0x${'11'.repeat(32)}`, apiKey })
})

afterAll(() => service?.stop())

beforeEach(() => service.become({ kind: 'none' }))

describe('open', () => {
  test('worked example: code and parameters go to the one path there is, with the key in its header', async () => {
    expect(await open().run({ question: 'why' })).toEqual({ asked: { question: 'why' } })
    const { path, headers, body } = service.last() ?? { path: '', headers: {}, body: '{}' }
    expect({ path, key: headers['x-api-key'], body: JSON.parse(body) }).toEqual({
      ...{ path: '/core/v1/lit_action', key: apiKey },
      body: { code: action, js_params: { question: 'why' } },
    })
  })

  test('edge: the service may be below a path, and a slash at its end is none', async () => {
    for (const url of [`${service.url}/`, `${service.url}//`]) expect(await open({ url }).run({})).toEqual({ asked: {} })
    await lackOf(open({ url: `${service.url}/lit/` }).run({}))
    expect(service.last()?.path).toBe('/lit/core/v1/lit_action')
  })

  test('edge: a response that is the text of JSON, and one that is a text', async () => {
    service.become({ kind: 'text' })
    expect(await open().run({})).toEqual({ asked: {} })
    service.become({ kind: 'body', text: '{"response":"plain","logs":"","has_error":false}' })
    expect(await open().run({})).toBe('plain')
  })

  test.each([
    [401, 'it knows no such API key (HTTP 401): give it one that it issued'],
    [402, 'its account has no credit left (HTTP 402): pay in'],
    [403, 'the API key may not run this action (HTTP 403): permit the action there'],
    [404, 'there is no such service at the address (HTTP 404): check the URL'],
    [413, 'the request is too large for it (HTTP 413): its limits are other ones than are kept here'],
    [201, 'it failed (HTTP 201)'],
    [299, 'it failed (HTTP 299)'],
    [300, 'it redirects (HTTP 300), and the key is sent nowhere else: give the URL that answers itself'],
    [399, 'it redirects (HTTP 399), and the key is sent nowhere else: give the URL that answers itself'],
    [400, 'it failed (HTTP 400)'],
    [422, 'it failed (HTTP 422)'],
    [500, 'it failed (HTTP 500)'],
    [503, 'it failed (HTTP 503)'],
  ])('error: HTTP %i is asked once, and its text is not repeated', async (status, detail) => {
    service.become({ kind: 'status', status, text: `a text with ${apiKey}` })
    const before = service.requests()
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail })
    expect(service.requests()).toBe(before + 1)
  })

  test('error: a redirect is not followed, and whoever it leads to gets no key', async () => {
    await using elsewhere = await LitService.start({ root: `0x${'22'.repeat(32)}`, apiKey })
    service.become({ kind: 'redirect', to: `${elsewhere.url}/core/v1/lit_action` })
    const detail = 'it redirects (HTTP 307), and the key is sent nowhere else: give the URL that answers itself'
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail })
    expect(elsewhere.requests()).toBe(0)
  })

  test.each([[2], [5]])('edge: a service that is busy %i times is asked again', async (times) => {
    service.become({ kind: 'busy', times })
    const before = service.requests()
    expect(await open().run({})).toEqual({ asked: {} })
    expect(service.requests()).toBe(before + times + 1)
  })

  test('error: a service that stays busy is asked six times', async () => {
    service.become({ kind: 'busy', times: 6 })
    const before = service.requests()
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail: 'it is busy (HTTP 429), 6 times in a row' })
    expect(service.requests()).toBe(before + 6)
  })

  test('error: whoever is told to come back after the time is over does not wait for it', async () => {
    service.become({ kind: 'busy', times: 1, retryAfter: '5' })
    const before = service.requests()
    const detail = 'it is busy (HTTP 429), and would be asked again only after 5000 ms'
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail })
    service.become({ kind: 'busy', times: 9 })
    expect((await lackOf(open({ timeoutMs: 120 }).run({}))).detail).toContain('only after 120 ms')
    expect(service.requests()).toBeLessThanOrEqual(before + 3)
  })

  test('edge: a time to come back that is no number of seconds counts as none', async () => {
    for (const retryAfter of ['Wed, 21 Oct 2037 07:28:00 GMT', '-1', 'soon', '0']) {
      service.become({ kind: 'busy', times: 1, retryAfter })
      expect(await open().run({})).toEqual({ asked: {} })
    }
  })

  test.each<[string, LitService.Fault]>([
    ['hangs', { kind: 'hang' }],
    ['is slow', { kind: 'slow', milliseconds: 20_000 }],
    ['drips', { kind: 'drip', milliseconds: 50 }],
  ])('error: a service that %s ends with the time', async (_, fault) => {
    service.become(fault)
    expect(await lackOf(open({ timeoutMs: 300 }).run({}))).toEqual({ why: 'timeout', detail: 'no answer within 300 ms' })
  })

  test('error: nobody is there, or the connection is dropped', async () => {
    const gone = await LitService.start({ root: `0x${'33'.repeat(32)}`, apiKey })
    await gone.stop()
    expect(await lackOf(open({ url: gone.url }).run({}))).toEqual({ why: 'unreachable', detail: 'ECONNREFUSED' })
    service.become({ kind: 'down' })
    expect(await lackOf(open().run({}))).toMatchObject({ why: 'unreachable' })
  })

  test('error: a reply is read up to its limit, and no further', async () => {
    const reply = (bytes: number) => {
      const frame = '{"logs":"","has_error":false,"response":""}'
      return frame.replace('"response":"', `"response":"${'x'.repeat(bytes - frame.length)}`)
    }
    service.become({ kind: 'body', text: reply(LitRest.limits.reply) })
    expect(await open().run({})).toHaveLength(LitRest.limits.reply - 43)
    const detail = 'its reply is longer than 100000 bytes'
    service.become({ kind: 'body', text: reply(LitRest.limits.reply + 1) })
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail })
    service.become({ kind: 'huge', bytes: 1e9 })
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail })
  })

  test.each(['<html>', '', 'null', '[]', '"a text"', '{}', '{"response":1}', '{"response":1,"has_error":"false"}', '{"response":1'])(
    'error: %j is no reply',
    async (text) => {
      service.become({ kind: 'body', text })
      expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail: 'its reply is not what the service sends' })
    },
  )

  test('error: an action that failed, with what it said on one line', async () => {
    service.become({ kind: 'error', logs: `ReferenceError:\n\u001b[31mx is not defined ${'.'.repeat(300)}` })
    const { why, detail } = await lackOf(open().run({}))
    expect(why).toBe('unable')
    expect(detail).toBe(`the action failed there: ReferenceError: [31mx is not defined ${'.'.repeat(162)}`)
    service.become({ kind: 'body', text: '{"response":"","logs":7,"has_error":true}' })
    expect(await lackOf(open().run({}))).toEqual({ why: 'unable', detail: 'the action failed there: no log' })
  })

  test('error: an action that throws, or has no `main`', async () => {
    expect(await lackOf(open({ action: 'function main() { throw new Error("no") }' }).run({}))).toMatchObject({
      detail: 'the action failed there: Error: no',
    })
    expect((await lackOf(open({ action: 'var nothing' }).run({}))).detail).toContain('main is not defined')
  })

  test('property: a key that the service sends back is in no error and no response, however it is written', async () => {
    const escaped = [...apiKey].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    // Cut off where a quotation ends, or below another layer of text.
    const layered = JSON.stringify(`{"message":"${escaped}"}`)
    for (const logs of [`key ${apiKey} of yours`, `${'.'.repeat(190)}${apiKey}`]) {
      service.become({ kind: 'error', logs })
      expect((await lackOf(open().run({}))).detail).not.toContain(apiKey.slice(0, 8))
    }
    for (const text of [`"${apiKey}"`, `"${escaped}"`, `{"message":"${escaped}"}`, layered]) {
      service.become({ kind: 'body', text: `{"has_error":false,"logs":"","response":${text}}` })
      expect(JSON.stringify(await open().run({}))).not.toContain(apiKey)
      service.become({ kind: 'body', text: `{"has_error":true,"response":"","logs":${text}}` })
      await lackOf(open().run({}))
    }
  })

  test('error: parameters beyond the limit are not sent, whatever they are written in', async () => {
    const before = service.requests()
    const frame = Buffer.byteLength(JSON.stringify({ question: '' }))
    expect(await open().run({ question: 'x'.repeat(LitRest.limits.params - frame) })).toHaveProperty('asked')
    for (const question of ['x'.repeat(LitRest.limits.params - frame + 1), 'é'.repeat(LitRest.limits.params / 2)]) {
      const running = open().run({ question })
      await expect(running).rejects.toThrow(LitRest.TooLargeError)
      await expect(running).rejects.toMatchObject({ code: 'LIT_TOO_LARGE', limit: LitRest.limits.params })
    }
    expect(service.requests()).toBe(before + 1)
  })

  test('error: an action beyond the limit', () => {
    expect(LitRest.limits).toEqual({ code: 16_000_000, params: 64_000, reply: 100_000 })
    expect(open({ action: ' '.repeat(LitRest.limits.code) })).toHaveProperty('run')
    expect(() => open({ action: ' '.repeat(LitRest.limits.code + 1) })).toThrow(LitRest.TooLargeError)
  })

  test.each([
    'http://lit.example',
    'http://127.0.0.1.lit.example',
    'ftp://127.0.0.1',
    'lit.example',
    '',
    'https://name@lit.example',
    'https://:word@lit.example',
    'https://lit.example/?key=1',
    'https://lit.example/#here',
  ])('error: %j is no address of a service', (url) => {
    expect(() => open({ url })).toThrow(LitRest.InvalidServiceError)
  })

  test.each(['https://lit.example', 'https://lit.example:8443/below', 'http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1'])(
    'edge: %j is one',
    (url) => {
      expect(open({ url })).toHaveProperty('run')
    },
  )

  test('error: a key that no header can hold is not quoted', () => {
    for (const wrong of ['', 'short-1', 'a key with spaces', 'a-key-and\r\nx-another: header', 'a-key-with-é', 'x'.repeat(513)]) {
      expect(() => open({ apiKey: wrong })).toThrow('The API key is not 8 to 512 visible characters.')
    }
    for (const right of ['eight-ch', 'x'.repeat(512)]) expect(open({ apiKey: right })).toHaveProperty('run')
  })
})
