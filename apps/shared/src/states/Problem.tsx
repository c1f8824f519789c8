import classes from './Problem.module.css'

/** Line beside a control with the reason for which its last action failed. Without a message there is no line. */
export function Problem({ message }: { message: string | undefined }) {
  if (message === undefined) return null
  return (
    <p className={classes.problem} role="alert">
      {message}
    </p>
  )
}
