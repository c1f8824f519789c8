// Protocol of OpenID Connect: authorization code flow with PKCE, renewal, revocation and sign-out. Loaded on demand, because most of its code is
// a library that only deployments with a provider need.
import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  clockTolerance,
  discoveryRequest,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  ResponseBodyError,
  revocationRequest,
  validateAuthResponse,
  type AuthorizationServer,
  type Client,
  type TokenEndpointResponse,
} from 'oauth4webapi'

/** Provider that signs users in, and the id of this application there. */
export interface Provider {
  issuer: string
  clientId: string
}

/** Values of a sign-in in progress. They stay in the tab: the response is accepted only together with them. */
export interface PendingSignIn {
  state: string
  nonce: string
  verifier: string
}

/** Tokens of a signed-in user. */
export interface Tokens {
  idToken: string
  /** Renews the ID token; not every provider issues one. */
  refreshToken?: string
}

/** Time limit of one request. */
const TIMEOUT_MS = 15_000
/** Time limit of a revocation, for which the user waits before the page of the provider appears. */
const REVOCATION_TIMEOUT_MS = 3_000
/** Accepted difference between the clocks of provider and browser. */
const CLOCK_TOLERANCE_SECONDS = 30

const servers = new Map<string, Promise<AuthorizationServer>>()

/** Returns the address of the provider's sign-in page, and what {@link tokensOf} needs afterwards. */
export async function authorization(
  provider: Provider,
  redirectUri: string,
  prompt?: 'login',
): Promise<{ url: string; pending: PendingSignIn }> {
  const server = await discover(provider)
  if (server.authorization_endpoint === undefined) throw new Error('the provider has no sign-in page')
  const pending = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
  }
  // Providers that do not list this scope refuse it, and some of them issue refresh tokens without it.
  const offline = server.scopes_supported?.includes('offline_access') === true
  const url = new URL(server.authorization_endpoint)
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: offline ? 'openid offline_access' : 'openid',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(prompt && { prompt }),
  }))
    url.searchParams.set(name, value)
  return { url: url.href, pending }
}

/** Redeems the response of the provider, `address` being that of the page to which it has sent the user. */
export async function tokensOf(
  provider: Provider,
  redirectUri: string,
  address: URL,
  { state, nonce, verifier }: PendingSignIn,
): Promise<Tokens> {
  const server = await discover(provider)
  const client = clientOf(provider)
  const parameters = validateAuthResponse(server, client, address, state)
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    None(),
    parameters,
    redirectUri,
    verifier,
    options(provider),
  )
  const answer = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  return tokens(answer)
}

/** Renews the tokens; keeps the refresh token unless the provider replaces it. */
export async function renewedTokens(provider: Provider, refreshToken: string): Promise<Tokens> {
  const server = await discover(provider)
  const client = clientOf(provider)
  const response = await refreshTokenGrantRequest(server, client, None(), refreshToken, options(provider))
  return { refreshToken, ...tokens(await processRefreshTokenResponse(server, client, response)) }
}

/** Revokes a refresh token and the tokens that it would be exchanged for, if the provider supports revocation. */
export async function revokeToken(provider: Provider, refreshToken: string): Promise<void> {
  const server = await discover(provider)
  if (server.revocation_endpoint === undefined) return
  const limited = { ...options(provider), signal: () => AbortSignal.timeout(REVOCATION_TIMEOUT_MS) }
  const response = await revocationRequest(server, clientOf(provider), None(), refreshToken, limited)
  await processRevocationResponse(response)
}

/** Returns the address that ends the session at the provider; undefined if it has none. */
export async function signOutUrl(
  provider: Provider,
  redirectUri: string,
  idToken: string,
): Promise<string | undefined> {
  const { end_session_endpoint: endpoint } = await discover(provider)
  if (endpoint === undefined) return undefined
  const url = new URL(endpoint)
  url.searchParams.set('client_id', provider.clientId)
  url.searchParams.set('id_token_hint', idToken)
  url.searchParams.set('post_logout_redirect_uri', redirectUri)
  // The name of Amazon Cognito.
  url.searchParams.set('logout_uri', redirectUri)
  return url.href
}

/** Whether an error is a decision of the provider or an invalid response of it, so that a repetition would fail again. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.status < 500
  return error instanceof AuthorizationResponseError || error instanceof OperationProcessingError
}

function tokens({ id_token: idToken, refresh_token: refreshToken }: TokenEndpointResponse): Tokens {
  if (idToken === undefined) throw new OperationProcessingError('the provider sent no ID token')
  return { idToken, ...(refreshToken !== undefined && { refreshToken }) }
}

function clientOf({ clientId }: Provider): Client {
  return { client_id: clientId, [clockTolerance]: CLOCK_TOLERANCE_SECONDS }
}

/** Loads the document of the provider once; again after a failure. */
function discover(provider: Provider): Promise<AuthorizationServer> {
  const issuer = new URL(provider.issuer)
  let server = servers.get(provider.issuer)
  if (!server) {
    server = discoveryRequest(issuer, options(provider)).then((response) =>
      processDiscoveryResponse(issuer, response),
    )
    servers.set(provider.issuer, server)
    server.catch(() => servers.delete(provider.issuer))
  }
  return server
}

function options({ issuer }: Provider) {
  // Providers on this machine, for tests and demos, have no certificate.
  const local = ['localhost', '127.0.0.1'].includes(new URL(issuer).hostname)
  return { signal: () => AbortSignal.timeout(TIMEOUT_MS), [allowInsecureRequests]: local }
}
