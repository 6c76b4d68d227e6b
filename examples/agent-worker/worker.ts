// Registers the agent with LiveKit under a name, and runs every call in a process of its own.
import { fileURLToPath } from 'node:url'
import { cli, InferenceRunner, ServerOptions } from '@livekit/agents'

// This agent understands no words, so it does without the end-of-turn model that the SDK would load into another process
// (370 MB). Delete this line in an agent that takes turns.
Object.defineProperty(InferenceRunner.registeredRunners, 'lk_eot_audio', { value: 'unused' })

cli.runApp(
  new ServerOptions({
    agent: fileURLToPath(new URL('./agent.ts', import.meta.url)),
    // Named workers get the calls that ask for this name; an unnamed one would be sent into every room.
    agentName: process.env.LIVEKIT_AGENT_NAME || 'voice-agent',
    // One process is kept warm, so that a call does not wait a second for Node to start.
    numIdleProcesses: Number(process.env.IDLE_PROCESSES || 1),
    // The SDK's 10 s are too short for a very busy machine, which would then start processes for ever.
    initializeProcessTimeout: 60_000,
    // On SIGTERM it waits for its calls: longer than the longest that a service allows. The SDK's hour would cut them.
    drainTimeout: 25 * 60 * 60 * 1000,
    // The SDK's default turns calls away above 70 % CPU: right on a server, wrong on a laptop that runs everything.
    loadFunc: async () => 0,
    // GET / answers 200 while the worker is registered with LiveKit.
    host: '127.0.0.1',
    port: Number(process.env.HEALTH_PORT || 8081),
  }),
)
