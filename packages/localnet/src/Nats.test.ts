import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as Nats from './Nats.ts'

describe('start', () => {
  test('edge: none on this machine is an answer, with one sentence', async () => {
    expect(await Nats.start({ path: '' })).toEqual({
      status: 'missing',
      reason: 'NATS is not installed: install nats-server (apt-get install nats-server).',
    })
  })

  test('error: a program that does not come up', async () => {
    const place = await mkdtemp(join(tmpdir(), 'plimsoll-broken-'))
    try {
      const program = join(place, 'nats-server')
      await writeFile(program, '#!/bin/sh\necho broken >&2\nexit 1\n')
      await chmod(program, 0o755)
      await expect(Nats.start({ path: place })).rejects.toThrow('NATS did not start: broken.')
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  })
})
