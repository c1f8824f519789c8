import classes from './Bar.module.css'

/** Bar that shows a share from 0 to 1; decoration, because the number is next to it. */
export function Bar({ share, colour }: { share: number; colour: string | undefined }) {
  return (
    <span className={classes.bar} aria-hidden>
      <span
        className={classes.fill}
        style={{ transform: `scaleX(${Math.min(1, share)})`, background: colour }}
      />
    </span>
  )
}
