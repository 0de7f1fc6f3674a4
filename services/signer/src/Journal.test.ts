import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type * as Endings from './Endings.ts'
import * as Journal from './Journal.ts'
import type * as Memory from './Memory.ts'

/** A disk that fills up, or fails. */
const disk = vi.hoisted(() => ({
  ...{ room: Number.POSITIVE_INFINITY, failing: 0, beforeRename: () => {}, beforeSync: () => {} },
  /** Bytes that one read gives, and the most that one write was asked to take. */
  ...{ readAtOnce: Number.POSITIVE_INFINITY, mostWritten: 0 },
}))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeSync: (file: number, bytes: Uint8Array) => {
      disk.mostWritten = Math.max(disk.mostWritten, bytes.length)
      if (disk.room === 0) throw new Error('ENOSPC: no space left on device')
      const written = fs.writeSync(file, bytes.subarray(0, Math.min(bytes.length, disk.room)))
      disk.room -= written
      return written
    },
    readSync: (file: number, bytes: Uint8Array) => fs.readSync(file, bytes.subarray(0, Math.min(bytes.length, disk.readAtOnce))),
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

  test('bug: a file larger than a string can be kept the signer from starting: it is read and written in parts', () => {
    const all = Array.from({ length: 40_000 }, (_, i) => `${JSON.stringify({ ended: { account: `${i}`, other: null, issuedAt: 1 } })}\n`)
    writeFileSync(path, all.join(''))
    const length = statSync(path).size
    disk.mostWritten = 0
    const memory = Journal.open(path, now)
    expect([memory.counts().brought, lines().length]).toEqual([40_000, 40_000])
    expect(disk.mostWritten).toBeLessThan(length)
    expect(disk.mostWritten).toBeLessThanOrEqual(1024 * 1024 + 1_000)
  })

  test.each([1, 2, 3, 64])('edge: wherever a part of it ends, it is read as it stands, %s bytes at a time', (readAtOnce) => {
    const before = Journal.open(path, now)
    before.keep({ ...certified, key: 'Süd–€😀' })
    before.keepLowered(lowered)
    appendFileSync(path, '{"lowered":{"key":"n')
    disk.readAtOnce = readAtOnce
    try {
      const after = Journal.open(path, now)
      expect(after.against({ ...certified, key: 'west', credit: 41n }, { own: 100n, now: 1_000 })?.code).toBe('CREDIT_BOUND_TWICE')
      expect(after.against({ ...certified, key: 'Süd–€😀', credit: 60n }, { own: 0n, now: 1_000 })).toBeNull()
      expect(after.loweredTo('north', { blockTime: 1_000 })).toBe(30n)
      expect(lines()).toHaveLength(2)
    } finally {
      disk.readAtOnce = Number.POSITIVE_INFINITY
    }
  })

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

  test('bug: a signer whose disk was full signed nothing, and said that it lacked nothing', () => {
    const memory = Journal.open(path, now)
    disk.room = 0
    expect(() => memory.keep(certified)).toThrow('ENOSPC')
    // What is known already is no sign that more can be written.
    memory.forgetEnded([])
    expect(memory.flaw()).toMatchObject({ code: 'MEMORY_UNWRITTEN', message: expect.stringContaining(path), hint: expect.any(String) })
    disk.room = Number.POSITIVE_INFINITY
    memory.keep(certified)
    expect(memory.flaw()).toBeNull()
    rmSync(path)
    expect(() => memory.keep(certified)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
    expect(memory.flaw()?.code).toBe('MEMORY_TAKEN')
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
    const ended = (issuedAt: number, account = 'a', other: string | null = null): Endings.Ended => ({ account, other, issuedAt })
    const by = { from: 'north' }
    const small = { lasting: 2, others: 3, named: 2 }
    const known = (memory: Memory.Memory) =>
      [...memory.words()].flatMap((word) => word.ended.map((one) => JSON.stringify([one, word.from, word.lasts]))).sort()

    test('worked example: it is known to every process after, however late; said again it takes no line', () => {
      const memory = Journal.open(path, now)
      for (const one of [ended(7), ended(7), ended(6)]) memory.keepEnded(one, by)
      expect(lines()).toEqual(['{"ended":{"account":"a","other":null,"issuedAt":7},"from":"north","isStaked":false}'])
      expect(Journal.open(path, () => 10 ** 10).endedAt(ended(0))).toBe(7)
      expect(lines()).toHaveLength(1)
    })

    test('edge: what was said later stands instead, and to everybody for all, also once the file is written anew', () => {
      const memory = Journal.open(path, now)
      for (const one of [ended(7), ended(8), ended(5, 'b', 'c'), ended(6, 'b')]) memory.keepEnded(one, by)
      expect(lines()).toHaveLength(4)
      const after = Journal.open(path, now)
      expect(lines()).toHaveLength(2)
      expect([after.endedAt(ended(0)), after.endedAt(ended(0, 'b'))]).toEqual([8, 6])
    })

    test('edge: what could not be written is not known, and is written when it is said again', () => {
      const memory = Journal.open(path, now)
      disk.room = 10
      expect(() => memory.keepEnded(ended(7), by)).toThrow('ENOSPC')
      expect(memory.endedAt(ended(0))).toBeNull()
      disk.room = Number.POSITIVE_INFINITY
      memory.keepEnded(ended(7), by)
      expect(Journal.open(path, now).endedAt(ended(0))).toBe(7)
    })

    test('worked example: whose it is, who has had something, and what was forgotten is known to every process after', () => {
      const memory = Journal.open(path, now, small)
      memory.keepEnded(ended(1), by)
      memory.keepEnded(ended(1, 'b'), { from: null })
      memory.keepEnded(ended(1, 'c'), { from: 'south', isStaked: true })
      memory.weigh(new Map([...['a', 'c'].map((account) => [account, true] as const), ['b', false]]))
      memory.keepEnded(ended(1, 'd'), by)
      memory.forgetEnded(['d', 'a'])
      const before = known(memory)
      expect(before).toEqual(known(Journal.open(path, now, small)))
      // And again, once the file was written anew.
      const after = Journal.open(path, now, small)
      expect([known(after), after.counts()]).toEqual([before, { lasting: 2, brought: 0, carried: 1 }])
      expect(lines()).toHaveLength(3)
      after.weigh(new Map([['a', true]]))
      expect(lines()).toHaveLength(3)
    })

    test('edge: a file from before shares were counted is read as one network’s', () => {
      writeFileSync(path, `${JSON.stringify({ ended: ended(7) })}\n`)
      const memory = Journal.open(path, now, { ...small, others: 1 })
      expect(memory.endedAt(ended(0))).toBe(7)
      expect(memory.roomFor(ended(8, 'b'), { from: '' })).toEqual({ status: 'crowded', accounts: ['a'] })
    })

    test.each([1, 2, 3])('property: whatever is said and forgotten, who starts on the file knows what was known, seed %s', (seed) => {
      let state = seed
      const draw = (below: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * below)
      }
      let memory = Journal.open(path, now, small)
      for (let step = 0; step < 300; step += 1) {
        const account = `${draw(6)}`
        const one = ended(draw(20), account, draw(2) === 0 ? null : `${draw(4)}`)
        const from = draw(3) === 0 ? null : `${draw(2)}`
        if (memory.roomFor(one, { from }).status === 'free') memory.keepEnded(one, { from })
        if (draw(6) === 0) memory.forgetEnded([account])
        if (draw(12) === 0) memory.weigh(new Map([[account, draw(2) === 0]]))
        if (draw(10) > 0) continue
        const before = [known(memory), memory.counts()]
        memory = Journal.open(path, now, small)
        expect([known(memory), memory.counts()]).toEqual(before)
      }
      expect(known(memory).length).toBeGreaterThan(0)
    })

    test('bug: words that came and went were each a line for good, and the file grew with whoever sent most', () => {
      const memory = Journal.open(path, now, small)
      for (let i = 0; i < 5_100; i += 1) {
        memory.keepEnded(ended(1, `${i}`), by)
        memory.forgetEnded([`${i}`])
      }
      expect(lines().length).toBeLessThan(1_000)
      expect(known(Journal.open(path, now, small))).toEqual([])
    }, 120_000)

    test('edge: a file with much in it is written anew no sooner than as much came on top', () => {
      const all = Array.from({ length: 10_100 }, (_, i) => `${JSON.stringify({ ended: ended(1, `${i}`) })}\n`)
      writeFileSync(path, all.join(''))
      const memory = Journal.open(path, now)
      const { ino } = statSync(path)
      for (let i = 0; i < 10_100; i += 1) memory.keepEnded(ended(2, `${i}`), by)
      expect([lines().length, statSync(path).ino]).toEqual([20_200, ino])
      memory.keepEnded(ended(3, '0'), by)
      expect(lines()).toHaveLength(10_101)
    }, 120_000)
  })
})
