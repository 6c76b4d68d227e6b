// Asks the backend whom to call, then shows the page.
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const { agents } = await (await fetch('/api/voice/agents')).json()
const root = document.querySelector('#root')
if (root) createRoot(root).render(<App agentId={agents[0].agent_id} />)
