import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as Postgres from './Postgres.ts'

const own = await Postgres.start({ url: '' })
const missing = own.status === 'missing'

/** The first byte that a server says to a client that asks for encryption: S or N. */
function greeting(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])))
    socket.once('data', (data) => {
      resolve(data.toString('latin1', 0, 1))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

test('edge: where a server is required, there is one', () => {
  const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').includes('postgres')
  expect(required && missing ? own.reason : 'found, or not required').toBe('found, or not required')
})

describe('start', () => {
  test.skipIf(missing)('worked example: a server of our own, gone after stop (needs a PostgreSQL server binary)', async () => {
    if (own.status !== 'running') throw new Error(own.reason)
    expect(own.origin).toBe('own')
    expect(await greeting(own.url)).toBe('N')
    await own.stop()
    await expect(greeting(own.url)).rejects.toThrow('ECONNREFUSED')
  })

  test('edge: the one given is taken, and left alone', async () => {
    const given = await Postgres.start({ url: 'postgres://somewhere/else' })
    expect(given).toMatchObject({ status: 'running', url: 'postgres://somewhere/else', origin: 'given' })
    if (given.status === 'running') await given.stop()
  })

  test('edge: none on this machine is an answer, with one sentence', async () => {
    expect(await Postgres.start({ url: '', path: '', packaged: '/nowhere' })).toEqual({
      status: 'missing',
      reason: 'PostgreSQL is not installed: set DATABASE_URL, or install it (apt-get install postgresql).',
    })
  })

  test('error: programs that do not come up', async () => {
    const place = await mkdtemp(join(tmpdir(), 'plimsoll-broken-'))
    try {
      await chmod(place, 0o755)
      for (const program of ['initdb', 'postgres']) {
        await writeFile(join(place, program), '#!/bin/sh\necho broken >&2\nexit 1\n')
        await chmod(join(place, program), 0o755)
      }
      await expect(Postgres.start({ url: '', path: place, packaged: '/nowhere' })).rejects.toThrow(/did not start: .*broken/s)
    } finally {
      await rm(place, { recursive: true })
    }
  })
})
