import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as fault from './fault.ts'

const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('told', () => {
  test('worked example: a code, a sentence, and what to do', () => {
    expect(fault.told(Object.assign(new Error('No key.'), { code: 'KEY_MISSING', hint: 'Set one.' }))).toBe(
      'KEY_MISSING: No key.\nSet one.',
    )
    expect(fault.told(Object.assign(new Error('Gone. Wait.'), { code: 'GONE', hint: 'Wait.' }))).toBe('GONE: Gone. Wait.')
  })

  test('edge: what Node throws says its code once, what it was given, and what to do', () => {
    expect(fault.told(thrown(() => readFileSync('/nowhere/at all.json')))).toBe(
      'FILE_UNREADABLE: /nowhere/at all.json cannot be opened (ENOENT).\nCheck the path: it is read from where you typed it.',
    )
    expect(fault.told(thrown(() => new URL('nonsense')))).toBe(
      'ERR_INVALID_URL: Invalid URL: nonsense\nWrite it with its scheme, such as http://127.0.0.1:4600.',
    )
  })

  test('edge: neither code nor hint, or no error at all', () => {
    expect(fault.told(new Error('boom'))).toBe('boom')
    expect(fault.told('boom')).toBe('boom')
  })
})
