// What a scenario is: one promise of the service, shown against real parts that fail.

export interface ScenarioOptions {
  /** The form that CI runs. */
  short: boolean
  /** Of `model`: the one run to repeat, as fast-check names it. */
  replay?: { seed: number; path: string }
}

/** Resolves with the figures that it shows; throws where the promise is broken. */
export type Scenario = (options: ScenarioOptions) => Promise<Record<string, unknown>>
