import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Journal from './Journal.ts'
import type * as Memory from './Memory.ts'

/** A disk that fills up, or fails. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY, failing: 0, beforeRename: () => {}, beforeSync: () => {} }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeSync: (file: number, bytes: Uint8Array) => {
      if (disk.room === 0) throw new Error('ENOSPC: no space left on device')
      const written = fs.writeSync(file, bytes.subarray(0, Math.min(bytes.length, disk.room)))
      disk.room -= written
      return written
    },
    fsyncSync: (file: number) => {
      const first = disk.beforeSync
      disk.beforeSync = () => {}
      first()
      fs.fsyncSync(file)
      if (disk.failing > 0) {
        disk.failing -= 1
        if (disk.failing === 0) throw new Error('EIO: i/o error, fsync')
      }
    },
    renameSync: (from: string, to: string) => {
      const first = disk.beforeRename
      disk.beforeRename = () => {}
      first()
      fs.renameSync(from, to)
    },
  }
})

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signer-memory-'))
  path = join(folder, 'signed.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const certified: Memory.Certified = { participantId: '0x01', key: 'north', credit: 60n, expiresAt: 1_300, holders: ['0xaa'] }
const lowered: Memory.Lowered = { key: 'north', credit: 30n, until: 1_300 }
const now = () => 1_000
const foreign = { ...certified, participantId: '0x02' } as const
const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1)

describe('open', () => {
  test('worked example: what was signed is known to the next process', () => {
    const before = Journal.open(path, now)
    before.keep(certified)
    before.keepLowered(lowered)
    const after = Journal.open(path, now)
    expect(after.against(foreign, { own: 100n, now: 1_000 })?.code).toBe('HOLDER_OF_ANOTHER')
    expect(after.against({ ...certified, key: 'south', credit: 41n }, { own: 100n, now: 1_000 })?.code).toBe('CREDIT_BOUND_TWICE')
    expect(after.loweredTo('north', { blockTime: 1_000 })).toBe(30n)
    expect(after.holdersOf('0x01', 1_000)).toEqual(['0xaa'])
    expect(after.ownerOf('0xaa', 1_000)).toBe('0x01')
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('worked example: a line is on disk as soon as it is kept, and a third process has both', () => {
    Journal.open(path, now).keep(certified)
    expect(lines().map((line) => JSON.parse(line))).toEqual([{ certified: { ...certified, credit: '60' } }])
    Journal.open(path, now).keepLowered(lowered)
    expect(lines()).toHaveLength(2)
    expect(Journal.open(path, now).loweredTo('north', { blockTime: 1_000 })).toBe(30n)
    expect(readdirSync(folder)).toEqual(['signed.jsonl'])
  })

  test('edge: what nobody asks for any more is left out when it opens: an hour after its end, no sooner', () => {
    Journal.open(path, now).keep(certified)
    Journal.open(path, () => 4_899)
    expect(lines()).toHaveLength(1)
    Journal.open(path, () => 4_900)
    expect(lines()).toEqual([])
  })

  test('bug: of a chain whose final blocks lag hours, an order was forgotten before one could tell whether it was taken', () => {
    Journal.open(path, now).keepLowered(lowered)
    expect(Journal.open(path, () => 4_900).loweredTo('north', { blockTime: 1_300 })).toBe(30n)
    const week = 7 * 86_400
    expect(Journal.open(path, () => 1_299 + week).loweredTo('north', { blockTime: 1_300 })).toBe(30n)
    expect(lines()).toHaveLength(1)
    Journal.open(path, () => 1_300 + week)
    expect(lines()).toEqual([])
  })

  test('edge: after ten thousand entries the file has what still holds, and goes on', () => {
    let time = 1_000
    const memory = Journal.open(path, () => time)
    for (let i = 0; i < 10_000; i += 1) memory.keepLowered({ key: 'north', credit: 30n, until: 1_000 })
    expect(lines()).toHaveLength(10_000)
    time = 700_000
    memory.keepLowered({ key: 'south', credit: 20n, until: 701_000 })
    memory.keepLowered({ key: 'west', credit: 10n, until: 701_000 })
    expect(lines()).toHaveLength(2)
    expect(Journal.open(path, () => time).loweredTo('west', { blockTime: time })).toBe(10n)
  }, 120_000)

  test('edge: a line that was cut off was never answered for', () => {
    Journal.open(path, now).keep(certified)
    appendFileSync(path, '{"certified":{"partic')
    const memory = Journal.open(path, now)
    expect(memory.ownerOf('0xaa', 1_000)).toBe('0x01')
    memory.keepLowered(lowered)
    expect(lines()).toHaveLength(2)
  })

  test.each([
    '',
    'nothing',
    '{}',
    '{"certified":{"participantId":"0x01"}}',
    '{"lowered":{"key":"north","credit":30,"until":1300}}',
    '{"lowered":{"key":"north","credit":"-1","until":1300}}',
  ])('error: a whole line that is none of a signer’s stops it: %s', (line) => {
    Journal.open(path, now).keep(certified)
    appendFileSync(path, `${line}\n`)
    expect(() => Journal.open(path, now)).toThrow(
      expect.objectContaining({ code: 'MEMORY_UNREADABLE', message: `What this signer signed cannot be read: line 2 of ${path}.` }),
    )
  })

  test('bug: a path at which there can be no file was said in the words of the machine, with its code twice', () => {
    expect(() => Journal.open(`${path}.none/signed`, now)).toThrow(
      expect.objectContaining({
        code: 'MEMORY_UNOPENED',
        message: `What this signer signs cannot be kept: ${path}.none/signed cannot be opened (ENOENT).`,
      }),
    )
  })

  test('bug: a line that could not be written whole kept the signer from starting, and those after it with it', () => {
    const memory = Journal.open(path, now)
    memory.keep(certified)
    disk.room = 20
    expect(() => memory.keepLowered(lowered)).toThrow('ENOSPC')
    disk.room = 0
    expect(() => memory.keepLowered(lowered)).toThrow('ENOSPC')
    disk.room = Number.POSITIVE_INFINITY
    expect(memory.loweredTo('north', { blockTime: 1_000 })).toBeNull()
    memory.keepLowered({ ...lowered, credit: 20n })
    memory.keepLowered({ ...lowered, credit: 10n })
    expect(lines()).toHaveLength(3)
    const after = Journal.open(path, now)
    expect(after.ownerOf('0xaa', 1_000)).toBe('0x01')
    expect(after.loweredTo('north', { blockTime: 1_000 })).toBe(10n)
    expect(readdirSync(folder)).toEqual(['signed.jsonl'])
  })

  test.each([
    ['its lines', 1],
    ['its folder’s names', 2],
  ])('error: a disk that fails as %s are written anew loses nothing, and is asked again', (_, at) => {
    const memory = Journal.open(path, now)
    memory.keep(certified)
    disk.room = 0
    expect(() => memory.keepLowered(lowered)).toThrow('ENOSPC')
    disk.room = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i += 1) {
      disk.failing = at
      expect(() => memory.keepLowered(lowered)).toThrow('EIO')
      expect(lines().map((line) => JSON.parse(line))).toEqual([{ certified: { ...certified, credit: '60' } }])
    }
    disk.failing = 0
    memory.keepLowered(lowered)
    expect(lines()).toHaveLength(2)
    expect(readdirSync(folder)).toEqual(['signed.jsonl'])
  })

  test('bug: a process that another one took the file from went on to sign what no file held', () => {
    const first = Journal.open(path, now)
    first.keep(certified)
    const second = Journal.open(path, now)
    expect(() => first.keepLowered(lowered)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
    expect(first.loweredTo('north', { blockTime: 1_000 })).toBeNull()
    second.keepLowered({ ...lowered, credit: 20n })
    expect(Journal.open(path, now).loweredTo('north', { blockTime: 1_000 })).toBe(20n)
    rmSync(path)
    expect(() => second.keepLowered(lowered)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
  })

  test('edge: what a process signs while another one takes the file over is known to that one', () => {
    const first = Journal.open(path, now)
    disk.beforeRename = () => first.keep(certified)
    const second = Journal.open(path, now)
    expect(second.ownerOf('0xaa', 1_000)).toBe('0x01')
    expect(lines()).toHaveLength(1)
    expect(() => first.keepLowered(lowered)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
  })

  test('edge: what was on its way to the disk as another one took the file over is not signed, and known to that one', () => {
    const first = Journal.open(path, now)
    const taken: Memory.Memory[] = []
    disk.beforeSync = () => taken.push(Journal.open(path, now))
    expect(() => first.keep(certified)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
    expect(first.ownerOf('0xaa', 1_000)).toBeNull()
    expect(taken[0]?.ownerOf('0xaa', 1_000)).toBe('0x01')
  })

  test('error: where it cannot be written nothing is kept, so that nothing is signed', () => {
    expect(() => Journal.open(join(folder, 'nowhere', 'signed.jsonl'), now)).toThrow('ENOENT')
    writeFileSync(path, '')
    expect(Journal.open(path, now).ownerOf('0xaa', 1_000)).toBeNull()
  })

  describe('of what was ended', () => {
    const ended = (issuedAt: number, account = 'a'): Memory.Ended => ({ account, other: null, issuedAt })

    test('worked example: it is known to every process after, however late; said again it takes no line', () => {
      const memory = Journal.open(path, now)
      for (const one of [ended(7), ended(7), ended(6)]) memory.keepEnded(one)
      expect(lines()).toEqual(['{"ended":{"account":"a","other":null,"issuedAt":7}}'])
      expect(Journal.open(path, () => 10 ** 10).endedAt(ended(0))).toBe(7)
      expect(lines()).toHaveLength(1)
    })

    test('edge: what was said later stands instead, also once the file is written anew', () => {
      const memory = Journal.open(path, now)
      for (const one of [ended(7), ended(8), ended(5, 'b')]) memory.keepEnded(one)
      expect(lines()).toHaveLength(3)
      const after = Journal.open(path, now)
      expect(lines()).toHaveLength(2)
      expect([after.endedAt(ended(0)), after.endedAt(ended(0, 'b'))]).toEqual([8, 5])
    })

    test('edge: what could not be written is not known, and is written when it is said again', () => {
      const memory = Journal.open(path, now)
      disk.room = 10
      expect(() => memory.keepEnded(ended(7))).toThrow('ENOSPC')
      expect(memory.endedAt(ended(0))).toBeNull()
      disk.room = Number.POSITIVE_INFINITY
      memory.keepEnded(ended(7))
      expect(Journal.open(path, now).endedAt(ended(0))).toBe(7)
    })

    test('error: beyond what there is room for nothing is written', () => {
      const all = Array.from({ length: 100_000 }, (_, index) => `${JSON.stringify({ ended: ended(1, `${index}`) })}\n`)
      writeFileSync(path, all.join(''))
      const memory = Journal.open(path, now)
      expect(() => memory.keepEnded(ended(1))).toThrow(expect.objectContaining({ code: 'MEMORY_FULL' }))
      memory.keepEnded(ended(2, '0'))
      expect(lines()).toHaveLength(100_001)
    })
  })
})
