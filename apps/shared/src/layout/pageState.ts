// Title and icon of the browser tab: the title of the page, and before it what the user should know on any page.

let title = ''
let notice: string | undefined

/** Sets the title of the page. */
export function setPageTitle(text: string): void {
  title = text
  show()
}

/** Sets the text before the title of the page; undefined removes it. */
export function setTitleNotice(text: string | undefined): void {
  notice = text
  show()
}

function show(): void {
  document.title = [notice, title].filter(Boolean).join(' · ')
}

/** Replaces the icon by `icon-NAME.svg`; undefined restores the app's own. */
export function setPageIcon(name: string | undefined): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"][type="image/svg+xml"]')
  if (link) link.href = name === undefined ? '/icon.svg' : `/icon-${name}.svg`
}
