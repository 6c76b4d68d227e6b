// Where a session is in its life.
import t from 'tap'
import { phaseOf } from '../src/lifecycle.ts'

t.test('an open session with a verdict is ending, whatever its status', async (t) => {
  t.equal(phaseOf({ status: 'creating', end_reason: null }), 'creating')
  t.equal(phaseOf({ status: 'active', end_reason: null }), 'active')
  t.equal(phaseOf({ status: 'creating', end_reason: 'ended_by_api' }), 'ending')
  t.equal(phaseOf({ status: 'active', end_reason: 'agent_left' }), 'ending')
  t.equal(phaseOf({ status: 'ended', end_reason: 'agent_left' }), 'ended')
})
