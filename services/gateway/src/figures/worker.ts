/** The thread that computes figures of whole books: it is given a book once, and answers one question after another about it. */
import { parentPort } from 'node:worker_threads'
import { type Book, Fragility, LiquidationMap, type Reading, WhatIf } from '@plimsoll/liquidation'

const answers = { fragility: Fragility.of, clusters: LiquidationMap.of, stress: WhatIf.simulate }

export type Answers = typeof answers

/** A question about the book that was sent last. */
export type Question<K extends keyof Answers = keyof Answers> = {
  readonly id: number
  readonly kind: K
  readonly reading: Omit<Reading.Reading, 'book'>
  readonly given: Parameters<Answers[K]>[1]
}

/** What was thrown crosses as its fields: a class does not. */
export type Answer = { readonly id: number } & ({ readonly figures: ReturnType<Answers[keyof Answers]> } | { readonly thrown: object })

if (parentPort !== null) {
  const port = parentPort
  let book: Book.Book = { accounts: [] }
  port.on('message', (message: Book.Book | Question) => {
    if ('accounts' in message) book = message
    else port.postMessage(answer(book, message))
  })
}

function answer(book: Book.Book, { id, kind, reading, given }: Question): Answer {
  try {
    return { id, figures: answers[kind]({ ...reading, book }, given as never) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { id, thrown: { ...error, message: error.message, stack: error.stack } }
  }
}
