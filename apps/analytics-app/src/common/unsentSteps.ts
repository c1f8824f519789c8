/** Sends a step at once; resolves to false if it could not be sent. */
type Send = () => Promise<boolean>

const unsent = new Set<Send>()

/** Registers a step that can still be undone; returns a function that removes it. */
export function addUnsent(send: Send): () => void {
  unsent.add(send)
  return () => unsent.delete(send)
}

/**
 * Sends all steps that can still be undone; resolves to whether none of them failed. Called before sign-out, because a step
 * needs the token of its user.
 */
export async function sendUnsent(): Promise<boolean> {
  const sent = await Promise.all([...unsent].map((send) => send()))
  return sent.every(Boolean)
}
