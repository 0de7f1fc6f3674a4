import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'

const app = createApp({ desks: [], log: pino({ level: 'silent' }) })

describe('createApp', () => {
  test('worked example: how it stands', async () => {
    const answer = await app.request('/status')
    expect([answer.status, await answer.json()]).toEqual([200, { desks: [] }])
  })

  test('error: it takes no orders, and there is nothing else', async () => {
    const missing = { code: 'NOT_FOUND', message: 'There is nothing here.', hint: 'Ask GET /status or /healthz.' }
    for (const [path, method] of [
      ['/', 'GET'],
      ['/%ff', 'GET'],
      ['/..%2f', 'GET'],
      ['/status', 'POST'],
      ['/status', 'DELETE'],
    ] as const) {
      const answer = await app.request(path, { method })
      expect([answer.status, await answer.json()]).toEqual([404, missing])
    }
  })
})
