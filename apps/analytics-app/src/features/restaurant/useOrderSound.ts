import { readStored, useAccount, userKey, writeStored } from '@threefactor/shared'
import { useEffect, useRef, useState } from 'react'

import { playTone } from './tone'

/** Sound for new orders. */
export interface OrderSound {
  on: boolean
  set: (on: boolean) => void
}

/**
 * Plays a tone when an order is new in the list, if the user has switched the sound on; the choice is stored. Browsers
 * permit sound after the first click or key only, so that there may be none after a reload until then.
 *
 * @param ids ids of the orders; undefined until they are loaded
 */
export function useOrderSound(ids: readonly string[] | undefined): OrderSound {
  const key = userKey(useAccount().userId, 'sound')
  const [on, setOn] = useState(
    () => readStored(window.localStorage, key, (value) => value === true || undefined) ?? false,
  )
  const audio = useRef<AudioContext>(undefined)
  const known = useRef<ReadonlySet<string>>(undefined)
  const sample = useRef(false)
  useEffect(() => {
    if (!on) return
    const context = (audio.current = new AudioContext())
    const resume = () => void context.resume()
    document.addEventListener('pointerdown', resume)
    document.addEventListener('keydown', resume)
    if (sample.current) playTone(context)
    return () => {
      document.removeEventListener('pointerdown', resume)
      document.removeEventListener('keydown', resume)
      audio.current = undefined
      void context.close()
    }
  }, [on])
  useEffect(() => {
    if (ids === undefined) return
    const before = known.current
    known.current = new Set(ids)
    const isNew = before !== undefined && ids.some((id) => !before.has(id))
    // The tones of a suspended context would be heard together later.
    if (isNew && audio.current?.state === 'running') playTone(audio.current)
  }, [ids])
  const set = (next: boolean) => {
    writeStored(window.localStorage, key, next)
    sample.current = next
    setOn(next)
  }
  return { on, set }
}
