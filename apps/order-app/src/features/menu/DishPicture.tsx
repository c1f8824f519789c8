import type { ReactNode } from 'react'

import classes from './DishPicture.module.css'
import type { Picture } from './dishAppearance'

/** Illustration of a dish: flat shapes on a grid of 96 × 96, two shades and an accent each. */
export function DishPicture({ picture }: { picture: Picture }) {
  return (
    <svg viewBox="0 0 96 96" className={classes.picture} aria-hidden>
      <ellipse cx="48" cy="80" rx="32" ry="5" className={classes.shadow} />
      {PICTURES[picture]}
    </svg>
  )
}

const PICTURES: Record<Picture, ReactNode> = {
  pizza: (
    <>
      <path d="M14 30Q48 6 82 30L50 80q-2 3-4 0z" fill="#f6c453" />
      <path d="M14 30Q48 6 82 30l-4 6Q48 15 18 36z" fill="#c8782f" />
      <circle cx="37" cy="38" r="6.5" fill="#c93f2d" />
      <circle cx="58" cy="36" r="6.5" fill="#c93f2d" />
      <circle cx="48" cy="57" r="6.5" fill="#c93f2d" />
      <path d="M46 44q6-4 8 2-6 3-8-2zM32 48q5-1 5 4-6 1-5-4z" fill="#4d8b3a" />
    </>
  ),
  mangoes: (
    <>
      <path d="M60 30c16 2 24 16 18 30S56 78 46 68s0-40 14-38z" fill="#f2a132" />
      <path d="M40 36c14 6 18 22 8 34S18 82 14 66s10-36 26-30z" fill="#f7bd3f" />
      <path d="M40 36c8 4 13 11 12 19-9 3-22-6-21-18 3-2 6-2 9-1z" fill="#e4663a" />
      <path d="M40 36q4-16 22-18-4 16-22 18z" fill="#4d8b3a" />
      <path d="M40 37V27" stroke="#6b4a2b" strokeWidth="3" strokeLinecap="round" />
    </>
  ),
  milkshake: (
    <>
      <path d="M30 34h36l-5 44q-1 3-4 3H39q-3 0-4-3z" fill="#8a5a3c" />
      <path d="M30 34h36l-2 15q-8 5-16 0t-16 0z" fill="#a9744f" />
      <path d="M28 34c-2-10 8-12 11-8 2-8 16-8 18 0 4-4 13-1 11 8z" fill="#fff4e4" />
      <path
        d="M57 26l6-18h8"
        fill="none"
        stroke="#d2440f"
        strokeWidth="4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="46" cy="17" r="5" fill="#c93f2d" />
    </>
  ),
  burger: (
    <>
      <path d="M16 42c0-34 64-34 64 0z" fill="#d98d3a" />
      <path d="M14 46q6-5 11 0t11 0 11 0 11 0 11 0 11 0v5H14z" fill="#5e9a42" />
      <rect x="15" y="51" width="66" height="7" rx="2" fill="#f6c453" />
      <rect x="15" y="57" width="66" height="10" rx="5" fill="#70412a" />
      <path d="M17 68h62v4q0 8-8 8H25q-8 0-8-8z" fill="#d98d3a" />
      <path
        d="M34 28l4-2M46 23h4M59 29l4 2M42 34l4-1M55 37h4"
        stroke="#fdeccb"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </>
  ),
  idli: (
    <>
      <ellipse cx="48" cy="66" rx="40" ry="14" fill="#4d8b3a" />
      <ellipse cx="48" cy="63" rx="40" ry="13" fill="#66a84f" />
      <ellipse cx="32" cy="56" rx="17" ry="11" fill="#e8e0d0" />
      <ellipse cx="32" cy="53" rx="17" ry="10" fill="#fffaf0" />
      <ellipse cx="60" cy="59" rx="17" ry="11" fill="#e8e0d0" />
      <ellipse cx="60" cy="56" rx="17" ry="10" fill="#fffaf0" />
      <path d="M52 26h28l-3 14q-1 5-6 5H61q-5 0-6-5z" fill="#b7502d" />
      <ellipse cx="66" cy="26" rx="14" ry="5" fill="#e58a3c" />
    </>
  ),
  risotto: (
    <>
      <path d="M10 48h76c0 20-14 32-38 32S10 68 10 48z" fill="#3f6f8f" />
      <ellipse cx="48" cy="48" rx="38" ry="13" fill="#5a8fb3" />
      <ellipse cx="48" cy="46" rx="32" ry="11" fill="#f5e3b5" />
      <path
        d="M30 44l5-2M40 49l6 1M55 41l6 1M62 48l5-2M46 41l4-1M36 50l3 2"
        stroke="#d9b96a"
        strokeWidth="3"
        strokeLinecap="round"
      />
      <path d="M44 36c-9 0-11-12 4-12s13 12 4 12v9h-8z" fill="#70513c" />
      <path d="M66 34q2-8 10-9-1 9-10 9z" fill="#4d8b3a" />
    </>
  ),
  dish: (
    <>
      <ellipse cx="48" cy="72" rx="38" ry="8" fill="#b9b2a6" />
      <path d="M14 68c0-46 68-46 68 0z" fill="#d9d3c8" />
      <path d="M24 60c1-18 12-24 22-25" fill="none" stroke="#fff" strokeWidth="4" strokeLinecap="round" />
      <circle cx="48" cy="30" r="5" fill="#d2440f" />
    </>
  ),
}
