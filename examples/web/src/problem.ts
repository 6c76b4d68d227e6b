// What went wrong, said to the person who wanted to call: what it is, and what to do about it.
import { BackendError, UnreachableError } from './backend.ts'
import type { Talk } from './conversation.ts'
import { MicrophoneError, type MicrophoneFailure } from './microphone.ts'

export interface Problem {
  title: string
  advice: string
  /** Whether the same call can succeed when it is tried again; otherwise something has to change first. */
  canRetry: boolean
  /** For whoever runs the service to find the request. */
  reference?: string | undefined
}

const MICROPHONE: Record<MicrophoneFailure, Problem> = {
  insecure: {
    title: 'This page cannot use a microphone',
    advice: 'Browsers allow microphones only on pages that were opened with https. Open this page with https.',
    canRetry: false,
  },
  denied: {
    title: 'The microphone is not allowed',
    advice: 'Allow the microphone for this page in your browser’s address bar or settings, then try again.',
    canRetry: true,
  },
  missing: {
    title: 'No microphone was found',
    advice: 'Connect a microphone or a headset, then try again.',
    canRetry: true,
  },
  busy: {
    title: 'The microphone is in use',
    advice: 'Another program or tab is using it. Close that one, then try again.',
    canRetry: true,
  },
  other: {
    title: 'The microphone does not work',
    advice: 'Check it in your system’s sound settings, then try again.',
    canRetry: true,
  },
}

/** Of a talk in which nobody could be heard and that cost nothing; undefined where it was a talk, or given up. */
export function problemOf({ session, agentCame, how }: Talk): Problem | undefined {
  if (agentCame || how === 'hung up') return undefined
  if (how === 'lost') {
    const advice =
      'The call server cannot be reached from here. A firewall or VPN may be in the way. Nothing was charged.'
    return problem('The call could not be connected', advice, true)
  }
  const advice = 'No agent was free to take the call. Nothing was charged. Try again in a moment.'
  return problem(`${session.agent_name} did not answer`, advice, true)
}

/** For whatever was thrown between the click and the session. */
export function explain(error: unknown): Problem {
  if (error instanceof MicrophoneError) return MICROPHONE[error.failure]
  if (error instanceof UnreachableError) {
    const advice = 'This page cannot reach its server. Check your internet connection, then try again.'
    return problem('No connection', advice, true)
  }
  if (!(error instanceof BackendError)) {
    console.error(error)
    return problem('The call could not be set up', 'Something failed in this page. Reload it, then try again.', true)
  }
  return { ...explainAnswer(error), reference: error.requestId }
}

function explainAnswer({ status, code, detail, retryAfterSeconds }: BackendError): Problem {
  const soon = retryAfterSeconds === undefined ? 'in a moment' : `in ${inWords(retryAfterSeconds)}`
  switch (status) {
    case 400:
      return code === 'agent_not_voice'
        ? problem('This agent does not talk', 'It only writes. Choose an agent that has a voice.', false)
        : problem('The call was not understood', `The service says: “${detail}”.`, false)
    case 401:
      return problem(
        'This page may not make calls',
        'Its API key is not valid, or its organization is suspended. Please tell whoever runs this page.',
        false,
      )
    case 402:
      return problem(
        'Not enough credits',
        'A call needs credits for at least one minute. Add credits, then try again.',
        true,
      )
    case 404:
      return problem('This agent is not available', 'It does not exist here any more. Choose another agent.', false)
    case 409:
      return problem('The call is being set up already', `Try again ${soon}.`, true)
    case 429:
      return code === 'too_many_sessions'
        ? problem('All lines are busy', `As many calls are open as are allowed at a time. Try again ${soon}.`, true)
        : problem('Too many attempts', `The service asks for a pause. Try again ${soon}.`, true)
    case 500:
      return code === undefined
        ? problem(
            'The voice service does not answer',
            'It may be down for a moment. Nothing was charged. Try again.',
            true,
          )
        : problem('The call could not be set up', 'Something failed on the way. Nothing was charged. Try again.', true)
    case 503:
      return problem('The voice service is overloaded', `Nothing was charged. Try again ${soon}.`, true)
    default:
      return problem('The call could not be set up', `The service says: “${detail ?? status}”.`, true)
  }
}

function problem(title: string, advice: string, canRetry: boolean): Problem {
  return { title, advice, canRetry }
}

function inWords(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}
