// How much of one organization runs at once on a replica, so that none of them, whatever it asks for, keeps the others waiting.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import {
  endWaitMilliseconds,
  holdWaitMilliseconds,
  livekitEventWaitMilliseconds,
  readWaitMilliseconds,
} from '../../timings.ts'
import { createLanes, type Lanes } from './lanes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lanes: OrganizationLanes
  }
}

/** Each by the organization's id, but for `livekitEvent`. Where the wait is limited, they throw ServiceUnavailable. */
export interface OrganizationLanes {
  /** Holds of a first minute. */
  hold: Lanes
  /** Settlements, and holds of more. Nobody is refused: what is under way would be left to others, and take as long there. */
  settlement: Lanes
  /** Reads of its sessions and agents. */
  read: Lanes
  /** Sums of what its sessions came to. */
  usage: Lanes
  /** Verdicts that requests name. */
  verdict: Lanes
  /** Rooms that requests delete, and what follows. */
  end: Lanes
  /** LiveKit's events, by the agent, whose organization is not known yet. */
  livekitEvent: Lanes
}

/** Each of these takes the organization's row: more at once would wait for it, with a connection each. */
const holdsPerOrganization = 1
const settlementsPerOrganization = 1
/** Of the ten connections for requests. */
const readsPerOrganization = 4
/** Of the two connections for usage. */
const usagesPerOrganization = 1
/** Of the five connections for settlement; the row of the organization is not needed. */
const verdictsPerOrganization = 2
const livekitEventsPerAgent = 2
/** LiveKit deletes a room in milliseconds; a few at once keep the organization's settlements busy. */
const endsPerOrganization = 4

async function organizationLanes(app: FastifyInstance) {
  app.decorate('lanes', {
    hold: createLanes({ perName: holdsPerOrganization, maxWaitMilliseconds: holdWaitMilliseconds }),
    settlement: createLanes({ perName: settlementsPerOrganization }),
    read: createLanes({ perName: readsPerOrganization, maxWaitMilliseconds: readWaitMilliseconds }),
    usage: createLanes({ perName: usagesPerOrganization, maxWaitMilliseconds: readWaitMilliseconds }),
    verdict: createLanes({ perName: verdictsPerOrganization, maxWaitMilliseconds: endWaitMilliseconds }),
    end: createLanes({ perName: endsPerOrganization, maxWaitMilliseconds: endWaitMilliseconds }),
    livekitEvent: createLanes({ perName: livekitEventsPerAgent, maxWaitMilliseconds: livekitEventWaitMilliseconds }),
  } satisfies OrganizationLanes)
}

export default fp(organizationLanes, { name: 'organization-lanes' })
