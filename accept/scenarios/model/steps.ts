// What can happen in a run, as fast-check draws it.
import fc from 'fast-check'
import type { Cut } from './operation.ts'
import type { Trouble } from './post.ts'

/** Which of those that are there. */
const which = fc.nat(5)
/** The one that a drawn number means; undefined where there is none. */
export const pick = <T>(items: T[], which: number): T | undefined => items[which % Math.max(1, items.length)]
const replica = fc.nat(1)
const customer = fc.nat(1)
const milliseconds = (minSeconds: number, maxSeconds: number) =>
  fc.integer({ min: minSeconds * 1000, max: maxSeconds * 1000 })
const cut: fc.Arbitrary<Cut | undefined> = fc.option(
  fc.record({
    at: fc.nat(12),
    after: fc.boolean(),
    how: fc.constantFrom<Cut['how'][]>('killed', 'paused', 'failed'),
  }),
  { nil: undefined },
)
const trouble: fc.Arbitrary<Trouble> = fc.record({
  count: fc.integer({ min: 1, max: 4 }),
  how: fc.constantFrom<Trouble['how'][]>('lost', 'doubled', 'late'),
  milliseconds: milliseconds(0, 40),
})

/** How often each happens, beside the others, and with what. */
const steps = {
  pass: [14, milliseconds(0, 75)],
  create: [8, fc.record({ customer, replica, key: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }), cut })],
  join: [10, which],
  rejoin: [2, which],
  /** A caller connects without media, for a minute at most, if none of the next two comes. */
  connect: [3, which],
  activate: [3, which],
  publish: [2, which],
  leave: [4, which],
  /** A connection dies: a caller's, or an agent's whose process has crashed. */
  vanish: [2, fc.record({ which, isAgent: fc.boolean() })],
  /** An agent deletes its room. */
  deletion: [1, which],
  worker: [1, fc.boolean()],
  nodeDeath: [1, fc.record({ which, heals: fc.boolean() })],
  outage: [1, fc.boolean()],
  serviceCrash: [1, replica],
  /** Every replica is down. */
  silence: [1, milliseconds(1, 120)],
  wake: [4, fc.record({ replica, cut })],
  sweep: [2, fc.record({ replica, cut })],
  resume: [3, which],
  end: [2, fc.record({ which, replica, cut })],
  grant: [2, fc.record({ customer, amount: fc.integer({ min: -9, max: 30 }), id: fc.nat(3) })],
  events: [2, trouble],
  /** LiveKit's clock is set: it is ahead of the database's from now on, or behind it. */
  skew: [1, fc.oneof(fc.constant(0), fc.integer({ min: -100_000, max: 100_000 }))],
} satisfies Record<string, [number, fc.Arbitrary<unknown>]>

type Steps = typeof steps
/** What each step is done with. */
export type With = { [Name in keyof Steps]: Steps[Name][1] extends fc.Arbitrary<infer Value> ? Value : never }
export type Step = { [Name in keyof With]: { do: Name; with: With[Name] } }[keyof With]

export const step: fc.Arbitrary<Step> = fc.oneof(
  // A step that is not needed for the failure shrinks to one in which no time passes.
  { withCrossShrink: true },
  ...Object.entries(steps).map(([name, [weight, arbitrary]]) => ({
    weight,
    arbitrary: (arbitrary as fc.Arbitrary<unknown>).map((value) => ({ do: name, with: value }) as Step),
  })),
)
